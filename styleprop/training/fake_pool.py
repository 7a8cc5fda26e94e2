"""Earlier fakes, which keep a discriminator from forgetting what it has learnt."""

import numpy as np


class FakePool:
    """Up to `size` earlier fakes of each domain; half of what is asked for comes from there (Shrivastava et al. 2017).

    Kept as bytes (256 levels), so that a resumed training finds just what it left.
    """

    def __init__(self, size: int, seed: int):
        self.size = size
        self.seed = seed
        self.kept: list[np.ndarray] = []

    def exchange(self, fakes: np.ndarray, step: int) -> np.ndarray:
        """Put fakes (2, B, H, W, 3) in and take as many out; a function of the seed, the step and what is kept."""
        random = np.random.default_rng((self.seed, step, 1))
        out = np.empty_like(fakes)
        for index in range(fakes.shape[1]):
            out[:, index] = self._exchange_one(fakes[:, index], random)
        return out

    def _exchange_one(self, pair: np.ndarray, random: np.random.Generator) -> np.ndarray:
        if len(self.kept) < self.size:
            self.kept.append(_to_bytes(pair))
            return pair
        if not self.size or random.random() < 0.5:
            return pair
        place = int(random.integers(self.size))
        before, self.kept[place] = self.kept[place], _to_bytes(pair)
        return before.astype(np.float32) / 127.5 - 1.0

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What is to be saved."""
        return {"pool": np.stack(self.kept)} if self.kept else {}

    def from_arrays(self, arrays) -> None:
        """Take up what `to_arrays` gave."""
        self.kept = list(arrays["pool"]) if "pool" in arrays else []


def _to_bytes(pair):
    return np.rint(np.clip(np.nan_to_num(pair) * 127.5 + 127.5, 0, 255)).astype(np.uint8)
