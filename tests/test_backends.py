"""The same trainings on both backends, each in one process of its own, at the same time."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
import json, sys
import numpy as np
from styleprop.config import AutoencoderConfig, CycleGANConfig, EnlargerConfig
from styleprop.config import CycleGANTrainingConfig, EnlargerTrainingConfig, TrainingConfig
from styleprop.models.autoencoder import build_autoencoder
from styleprop.models.cyclegan import build_cyclegan
from styleprop.models.enlarger import build_enlarger
from styleprop.models.features import load_feature_network
from styleprop.training.codes import train_codes
from styleprop.training.cyclegan import train_cyclegan
from styleprop.training.enlarger import train_enlarger
from styleprop.training.stylizer import train_stylizer
random = np.random.default_rng(0)
residual = {"architecture": "residual", "filters": (4, 4, 8), "decoder_blocks": (0, 0, 2), "normalization": "weights"}
domain = CycleGANConfig(AutoencoderConfig(**residual), 0.0, 4, discriminator_scales=2)
network, cyclegan = build_autoencoder(AutoencoderConfig.tiny("modulated")), build_cyclegan(domain)
coded = build_cyclegan(CycleGANConfig(AutoencoderConfig.tiny(), 1.0, 4, styles=2, canvas_side=64))
enlarger, painter = build_enlarger(EnlargerConfig.tiny()), build_autoencoder(AutoencoderConfig.tiny())
for built in (network, cyclegan, coded, enlarger, painter):
    built.set_weights([random.normal(0, 0.2, value.shape) for value in built.get_weights()])
a, b = ([random.integers(0, 256, (40, 40, 3)).astype("uint8") for _ in range(2)] for _ in range(2))
settings = {"total_steps": 3, "batch_size": 2, "crop_size": 32, "learning_rate": 1e-3}
scenes = {"scene_share": 0.5, "halo_weight": 1.0, "calm_weight": 1.0, "tone_weight": 1.0, "similarity_weight": 1.0}
styled = TrainingConfig(**settings, **scenes, warmup_steps=0)
new = {"cycle_loss": "brightness", "contrastive_weight": 1.0, "palette_weight": 1.0, "pool_size": 4, "cycle_end": 0.2}
playing = CycleGANTrainingConfig(**settings, **new, lead_steps=1, identity_weight=1.0)
coding = CycleGANTrainingConfig(total_steps=3, batch_size=2, learning_rate=0.02, game="codes", lead_steps=1)
sized = EnlargerTrainingConfig(
    total_steps=3, batch_size=1, crop_size=48, picture_size=192, pictures=1, learning_rate=1e-3, warmup_steps=0
)
large = [random.integers(0, 256, (200, 200, 3)).astype("uint8") for _ in range(2)]
features = load_feature_network(sys.argv[1])
runs = [
    train_stylizer(network, features, {"content": a, "style": b}, styled, report_every=1),
    train_cyclegan(cyclegan, a, b, playing, report_every=1),
    train_codes(coded, a, b, coding, features, report_every=1),
    train_enlarger(enlarger, painter, features, {"content": large[:1], "style": large[1:]}, sized, report_every=1),
]
print(json.dumps([[report.losses for report in run] for run in runs]))
"""


def features_file(folder):
    random, before, arrays = np.random.default_rng(5), 3, {}
    for block, count in {1: 2, 2: 2, 3: 3, 4: 3, 5: 1}.items():
        for number in range(1, count + 1):
            kernel = random.normal(0, (2 / (9 * before)) ** 0.5, (3, 3, before, 4))
            arrays[f"block{block}_conv{number}/kernel"] = kernel.astype("float32")
            arrays[f"block{block}_conv{number}/bias"] = np.zeros(4, "float32")
            before = 4
    np.savez(folder / "features.npz", **arrays)
    return folder / "features.npz"


def losses_on(backend, features, environment):
    """Of all trainings, as the script prints them last, in a process of its own."""
    environment = {**environment, "KERAS_BACKEND": backend}
    command = [sys.executable, "-c", SCRIPT, str(features)]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_all_trainings_have_the_same_losses_on_tensorflow_and_jax(tmp_path, on_jax):
    pytest.importorskip("jax")
    features = features_file(tmp_path)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(losses_on, ("tensorflow", "jax"), (features, features), (on_jax, on_jax)))
    for ours, theirs, most in zip(*found, (2e-3, 5e-3, 5e-3, 1e-2), strict=True):
        assert len(ours) == len(theirs) == 3
        for a, b in zip(ours, theirs, strict=True):
            assert a == pytest.approx(b, rel=most, abs=1e-5)
