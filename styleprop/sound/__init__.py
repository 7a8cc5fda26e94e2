"""Sounds in the texture of others. What reads files and what computes is imported when it is asked for."""
