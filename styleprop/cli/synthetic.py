"""Pictures made of numbers, for measurements that need no data."""

import numpy as np

WAVES = 6


def synthetic_picture(height: int, width: int, seed: int) -> np.ndarray:
    """Coloured waves of many lengths with some grain: uint8 (height, width, 3), the same for the same seed."""
    random = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    columns = np.linspace(0, width / height, width, dtype=np.float32)[None, :, None]
    picture = np.full((height, width, 3), 128, np.float32)
    for _ in range(WAVES):
        down, across = random.normal(0, 1, 2) * 10 ** random.uniform(0, 2)
        phases = random.uniform(0, 2 * np.pi, 3)
        heights = random.uniform(10, 40, 3)
        picture += np.float32(heights) * np.sin(
            np.float32(down) * rows + np.float32(across) * columns + np.float32(phases)
        )
    picture += random.normal(0, 6, (height, width, 1)).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)
