"""The Reconstruct tab."""
