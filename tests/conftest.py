import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "PYTEST_XDIST_WORKER" in os.environ:  # side by side, threads of one would only wait for those of the other
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

import numpy as np
import pytest

ON_JAX = {  # environment of a process; what XLA would make of tiny networks is not worth its time
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
    "--xla_cpu_use_fusion_emitters=false",  # with those, to compile takes twice as long
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
}


@pytest.fixture(scope="session")
def on_jax(tmp_path_factory):
    """The environment of a process on JAX; what one has compiled, the next of this run need not."""
    return {**os.environ, **ON_JAX, "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled"))}


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture
def picture(random):
    """A uint8 (72, 104, 3) image: smooth colours with some noise on top."""
    return make_picture(72, 104, random)


def make_picture(height, width, random):
    rows, columns = np.mgrid[0:height, 0:width]
    waves = [np.sin(rows / 9 + phase) + np.cos(columns / 13 - phase) for phase in (0.0, 1.0, 2.0)]
    noise = random.normal(0, 12, (height, width, 3))
    return np.clip(np.stack(waves, axis=2) * 55 + 128 + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    """A checkpoint folder of a tiny, untrained autoencoder whose every weight has some effect."""
    import keras

    from styleprop.checkpoints import save_checkpoint
    from styleprop.config import AutoencoderConfig
    from styleprop.models.autoencoder import build_autoencoder

    keras.utils.set_random_seed(3)
    network = build_autoencoder(AutoencoderConfig.tiny())
    noise = np.random.default_rng(3)
    network.set_weights([value + noise.normal(0, 0.05, value.shape) for value in network.get_weights()])
    return save_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny", network).folder


@pytest.fixture(scope="session")
def tiny_cyclegan(tmp_path_factory):
    """A checkpoint folder of a tiny, untrained CycleGAN whose every weight has some effect."""
    from styleprop.checkpoints import save_checkpoint
    from tests.test_cyclegan import build

    return save_checkpoint(tmp_path_factory.mktemp("checkpoints") / "cyclegan-photo-tiny", build()).folder


@pytest.fixture(scope="session")
def tiny_features():
    """A random feature network with VGG's layer names and two to four filters."""
    from styleprop.models.features import FeatureNetwork

    random = np.random.default_rng(5)
    blocks, arrays, before = {1: 2, 2: 2, 3: 3, 4: 3, 5: 1}, {}, 3
    for block, count in blocks.items():
        for number in range(1, count + 1):
            filters = 2 + block
            kernel = random.normal(0, (2 / (9 * before)) ** 0.5, (3, 3, before, filters)).astype("float32")
            arrays[f"relu{block}_{number}"] = (kernel, np.full(filters, 0.1, "float32"))
            before = filters
    arrays["input"] = (np.eye(3, dtype="float32"), np.zeros(3, "float32"))
    return FeatureNetwork(arrays)


@pytest.fixture
def eagerly():
    """Train without a graph: tracing a tiny network's step takes longer than a few of them.

    The graphs have tests of their own: those that compare the backends, and trainings in processes of their own.
    """
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def styled_checkpoint(tiny_checkpoint, tmp_path_factory):
    """The tiny checkpoint with two built-in styles."""
    from tests.serving import add_styles

    return add_styles(tiny_checkpoint, tmp_path_factory.mktemp("styled") / "tiny")


@pytest.fixture(scope="session")
def tiny_model(tiny_checkpoint):
    """The engine with the tiny checkpoint."""
    from styleprop.engine import Styleprop

    return Styleprop.from_pretrained(tiny_checkpoint)


@pytest.fixture(scope="session")
def styled_model(styled_checkpoint):
    """The engine with the tiny checkpoint and its two styles."""
    from styleprop.engine import Styleprop

    return Styleprop.from_pretrained(styled_checkpoint)


@pytest.fixture(scope="session")
def app(styled_checkpoint):
    """The real app on loopback: `page`, `models`, `model` and `url`."""
    from types import SimpleNamespace

    from tests.serving import SECONDS, running

    with running(styled_checkpoint) as (page, models, url):
        yield SimpleNamespace(page=page, models=models, model=models.wait(SECONDS), url=url)


@pytest.fixture(scope="session")
def client(app, tmp_path_factory):
    """What another program uses to call the app."""
    from tests.serving import connect

    return connect(app.url, tmp_path_factory.mktemp("downloads"))


@pytest.fixture
def in_english():
    """As if a browser that speaks English asked."""
    from types import SimpleNamespace

    from gradio.context import LocalContext

    token = LocalContext.request.set(SimpleNamespace(headers={}))
    yield
    LocalContext.request.reset(token)


@pytest.fixture
def photo(tmp_path, picture):
    """A picture as a PNG file."""
    from styleprop import images

    images.save(picture, tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def painting(tmp_path, random):
    """Another picture, to take a style from, as a PNG file."""
    from styleprop import images

    images.save(make_picture(48, 60, random)[:, :, ::-1] // 2, tmp_path / "painting.png")
    return tmp_path / "painting.png"


@pytest.fixture
def command(model, monkeypatch, capsys):
    """Run a command with the test module's `model`; gives the exit code, standard output and standard error."""
    from styleprop.cli import batch, main

    monkeypatch.setattr(batch, "load_model", lambda checkpoint, debug=False: model)

    def run(*argv):
        code = main([str(word) for word in argv])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A Hub on loopback, an empty cache, and no login."""
    from tests.stand_in_hub import StandInHub

    stand_in = StandInHub()
    monkeypatch.setenv("HF_ENDPOINT", stand_in.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield stand_in
    stand_in.close()


@pytest.fixture
def as_space(server, monkeypatch):
    """The environment of a Space whose visitors may sign in to the stand-in Hub."""
    import gradio.http_server
    import gradio.oauth

    from tests import stand_in_login

    monkeypatch.setattr(gradio.http_server, "watchfn_spaces", lambda _: None)  # needs a package that Spaces have
    for name, value in stand_in_login.environment(server.url).items():
        monkeypatch.setenv(name, value)
        if hasattr(gradio.oauth, name):
            monkeypatch.setattr(gradio.oauth, name, value)
