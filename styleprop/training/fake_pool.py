"""Earlier fakes, which keep a discriminator from forgetting what it has learnt."""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from styleprop.ops import Tensor


class FakePool(keras.layers.Layer):
    """Up to `size` earlier fakes of each domain; half of what is asked for comes from there (Shrivastava et al. 2017).

    Kept where the networks are, as bytes (256 levels). What goes where is drawn on the host by `plan`.

    Args:
        size: of the pool; 0 for none. Whole batches are kept, at least one.
        batch_size, side: of the fakes, pictures of each domain and pixels.
    """

    def __init__(self, size: int, batch_size: int, side: int, seed: int):
        super().__init__(autocast=False)
        self.size = max(size // batch_size, 1) * batch_size if size else 0
        self.seed = seed
        self.kept = self.add_weight(
            (self.size, 2, side, side, 3), "zeros", "uint8", trainable=False, autocast=False, name="kept"
        )

    def plan(self, step: int, count: int) -> dict[str, np.ndarray]:
        """What happens to `count` fakes in a step, a function of seed and step.

        Returns:
            Their "places" in the pool, int32; whether each is to "stay" there, and whether what was there is "shown" in
            its stead, 0 or 1 as float32. The pool is filled first, and nothing is shown of it until it is.
        """
        random = np.random.default_rng((self.seed, step, 1))
        filling = (step + 1) * count <= self.size
        places = np.arange(step * count, (step + 1) * count) if filling else random.permutation(self.size)[:count]
        exchanged = random.random(count) < 0.5
        return {
            "places": places.astype("int32"),
            "shown": (exchanged & (not filling)).astype("float32"),
            "stay": (exchanged | filling).astype("float32"),
        }

    def call(self, fakes: Tensor, plan: Mapping[str, Tensor]) -> Tensor:
        """Exchange (B, 2, H, W, 3) float32 in [-1, 1] by a `plan`."""
        if not self.size:
            return fakes
        before = ops.take(self.kept, plan["places"], axis=0)
        shown, stay = (ops.reshape(plan[name], (-1, 1, 1, 1, 1)) > 0 for name in ("shown", "stay"))
        new = ops.cast(ops.round(ops.clip(fakes, -1, 1) * 127.5 + 127.5), "uint8")
        kept = ops.scatter_update(self.kept, plan["places"][:, None], ops.where(stay, new, before))
        self.kept.assign(kept)
        return ops.where(shown, ops.cast(before, "float32") / 127.5 - 1.0, fakes)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What is to be saved."""
        return {"pool": ops.convert_to_numpy(self.kept)}

    def from_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take up what `to_arrays` gave."""
        self.kept.assign(arrays["pool"])
