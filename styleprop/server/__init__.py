"""What serves the page: options, gates, uploads, HTTP calls, clean-up and shutdown."""
