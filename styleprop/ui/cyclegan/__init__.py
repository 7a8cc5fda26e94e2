"""The CycleGAN tab."""
