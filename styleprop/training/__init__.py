"""Trainings: each a generator of `Progress` over the same loop."""
