"""The Sound tab."""
