"""The style transfer tab."""
