"""Sounds in the texture of others, with a tiny network: what is right for any weights."""

import json

import keras
import numpy as np
import pytest
import soundfile

from styleprop.config import SoundConfig, TrainingConfig
from styleprop.config import sound as names
from styleprop.errors import SettingsError, SoundError
from styleprop.models.sound import build_sound_autoencoder
from styleprop.sound import examples, restyle, textures
from styleprop.sound.apart import load_apart
from styleprop.sound.distributions import LOWEST, STEP, Histograms, set_bins
from styleprop.sound.files import Sound, load, resampled, save
from styleprop.sound.limits import VISITORS, Limits
from styleprop.sound.loudness import carriers, follow, levels, limit, loudness_correlation
from styleprop.sound.model import SoundModel
from styleprop.sound.optimize import Picture, optimize
from styleprop.sound.spectrum import BINS, HOP, RATE, griffin_lim, magnitudes_of, picture_of, samples_of, spectra
from styleprop.sound.statistics import ENVELOPE_RATE, envelopes, texture_distance, texture_statistics
from styleprop.training.sound import SoundCheck, train_sound


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return SoundModel(build_sound_autoencoder(SoundConfig.tiny()))


def tone(hz, seconds=0.5, rate=RATE, level=0.5):
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype("float32")


def beats(seconds=1.5, rate=RATE):
    """A sound that swells and falls twice a second."""
    swell = 0.55 - 0.45 * np.cos(4 * np.pi * np.arange(round(seconds * rate)) / rate)
    return Sound((tone(700, seconds, rate) * swell).astype("float32")[:, None], rate)


# What a sound is as a picture.


def test_spectra_give_back_the_samples(random):
    samples = random.uniform(-0.5, 0.5, (2, 5000)).astype("float32")
    np.testing.assert_allclose(samples_of(spectra(samples), 5000), samples, atol=1e-6)


def test_a_full_tone_is_1_in_its_bin_and_silence_minus_1():
    picture = picture_of(spectra(tone(RATE / 1024 * 100, level=1.0)[None]))[0]
    assert picture[30].argmax() == 100
    assert picture[30, 100] == pytest.approx(1, abs=1e-3)
    assert picture_of(spectra(np.zeros((1, 4000), "float32"))).max() == pytest.approx(-1)


def test_a_picture_gives_back_its_magnitudes():
    transformed = spectra(tone(1234)[None])
    found = magnitudes_of(picture_of(transformed))
    np.testing.assert_allclose(found[..., :BINS], np.abs(transformed[..., :BINS]), atol=1e-3)


def test_phases_that_fit_stay_and_others_are_refined(random):
    samples = textures.built_in("bells")[None, :16_000]
    transformed = spectra(samples)
    magnitude = np.abs(transformed)
    np.testing.assert_allclose(griffin_lim(magnitude, transformed, 16_000, 3), samples, atol=1e-4)
    wrong = np.exp(1j * random.uniform(0, 6.28, transformed.shape)).astype("complex64")
    found = [np.abs(spectra(griffin_lim(magnitude, wrong, 16_000, steps))) for steps in (0, 20)]
    before, after = (np.linalg.norm(one - magnitude) for one in found)
    assert after < before / 2


def test_a_part_of_a_step_refines_phases_by_a_part(random):
    magnitude = np.abs(spectra(textures.built_in("bells")[None, :8000]))
    wrong = np.exp(1j * random.uniform(0, 6.28, magnitude.shape)).astype("complex64")
    one, almost, two, more = (griffin_lim(magnitude, wrong, 8000, steps) for steps in (1, 1.999, 2, 2.001))
    change = np.abs(two - one).max()
    assert np.abs(two - almost).max() < 0.05 * change
    assert np.abs(two - more).max() < 0.05 * change


# The statistics of the ear.


def test_a_modulated_tone_has_its_envelope_in_its_band_and_its_rate_in_its_octave():
    at = np.arange(2 * RATE) / RATE
    made = np.sin(2 * np.pi * 1000 * at) * (1 + np.sin(2 * np.pi * 6 * at))
    found = envelopes(made)
    loudest = found.mean(axis=1).argmax()
    crossings = np.diff(np.sign(found[loudest] - found[loudest].mean())).astype(bool).sum()
    assert crossings / 2 / (found.shape[1] / ENVELOPE_RATE) == pytest.approx(6, abs=0.6)
    assert texture_statistics(made)["modulation"][loudest].argmax() == 3  # 4 to 8 a second


def test_textures_are_nearer_to_other_takes_of_themselves_than_to_other_textures():
    takes = {name: textures.MAKERS[name](np.random.default_rng(5), 2.0) for name in ("rain", "glass", "fire")}
    others = {name: texture_statistics(textures.built_in(name)[: 3 * RATE]) for name in takes}
    for name, take in takes.items():
        found = {other: texture_distance(texture_statistics(take), others[other])["all"] for other in others}
        assert min(found, key=found.get) == name
    assert texture_distance(others["rain"], others["rain"])["all"] == 0


def test_the_level_of_a_sound_is_no_part_of_its_texture():
    rain = textures.built_in("rain")[:RATE]
    loud, quiet = (texture_statistics(gain * rain) for gain in (1, 0.01))
    assert texture_distance(loud, quiet)["all"] < 1e-6


# Loudness.


def test_a_sound_gets_the_loudness_of_its_leader(random):
    leader = beats().samples
    noise = random.uniform(-0.3, 0.3, leader.shape).astype("float32")
    assert loudness_correlation(noise, leader, RATE) < 0.3
    made = follow(noise, leader, RATE)
    assert loudness_correlation(made, leader, RATE) >= 0.8
    assert np.mean(made**2) == pytest.approx(np.mean(leader**2), rel=1e-4)


def test_a_steady_sound_is_not_like_one_that_changes_and_is_led_by_it():
    steady = tone(4000, 1.5)[:, None]
    assert loudness_correlation(steady, beats().samples, RATE) == 0
    assert loudness_correlation(beats().samples, steady, RATE) == 1  # there is nothing to follow
    assert loudness_correlation(follow(steady, beats().samples, RATE), beats().samples, RATE) >= 0.8


def test_a_faint_background_goes_on_while_what_is_loud_is_led():
    leader = beats().samples
    loud, faint = tone(4000, 1.5)[:, None], tone(300, 1.5, level=0.01)[:, None]
    found = carriers(loud + faint, RATE)
    inside = slice(RATE // 10, -RATE // 10)
    assert np.abs(found - loud)[inside].max() < 0.005
    made = follow(loud + faint, leader, RATE)
    assert loudness_correlation(made, leader, RATE) >= 0.8
    background = made - carriers(made, RATE)
    heard = levels(background, RATE)[20:-20]
    assert heard.std() < 0.1 * heard.mean()
    assert levels(made, RATE)[20:-20].std() > 0.1 * levels(made, RATE).mean()


@pytest.mark.parametrize("count", [1, 2, 300, 300_000])
def test_a_sound_of_any_length_is_its_carriers_where_all_of_it_is_loud(random, count):
    noise = random.standard_normal((count, 2)).astype("float32")
    found = carriers(noise, RATE)
    assert found.shape == noise.shape
    if count > 1000:  # one with many parts
        assert np.abs(np.corrcoef(found[:, 0], noise[:, 0])[0, 1]) > 0.98


def test_a_long_silence_stays_silent_and_a_short_pause_need_not(random):
    leader = beats(3.0).samples.copy()
    leader[RATE:] = 0
    made = follow(random.uniform(-0.3, 0.3, leader.shape).astype("float32"), leader, RATE)
    assert np.abs(made[: RATE // 2]).max() > 0.05
    assert np.abs(made[2 * RATE :]).max() == 0


def test_what_is_too_loud_is_turned_down_without_a_step():
    samples = beats().samples * 3
    made = limit(samples, RATE)
    assert np.abs(made).max() <= 0.981
    gain = made / np.where(np.abs(samples) < 1e-3, np.inf, samples)
    gain = gain[gain > 0]
    assert np.abs(np.diff(gain)).max() < 0.02
    quiet = beats().samples
    assert limit(quiet, RATE) is quiet


# The network and the textures.


def test_a_style_put_into_itself_is_the_reconstruction(model):
    latent = model.network.encoder(np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 1)).astype("float32"))
    own = model.network.statistics(latent)
    agreement = model.network.agreement(latent, own, latent, own)
    moved = model.network.propagate(latent, own, own, latent, agreement)
    np.testing.assert_allclose(moved, latent, atol=0.02 * np.abs(latent).max())


def test_propagated_latents_have_the_means_of_the_style(model, random):
    network = model.network
    first, second = (network.encoder(random.uniform(-1, 1, (1, 64, 64, 1)).astype("float32")) for _ in range(2))
    own, target = network.statistics(first), network.statistics(second)
    moved = network.propagate(first, own, target, second, network.agreement(first, own, second, target))
    found = network.statistics(moved)
    np.testing.assert_allclose(found.mean, target.mean, atol=0.05)
    assert np.abs(own.mean - target.mean).max() > 2 * np.abs(found.mean - target.mean).max()


def test_each_bin_gets_the_distribution_that_is_wanted(random):
    one, other = (random.normal(mean, 0.2, (1, 900, BINS)).astype("float32") for mean in (-0.2, 0.3))
    before, wanted = Histograms(), Histograms()
    before.add(one)
    wanted.add(other)
    made = set_bins(one, before.quantiles, wanted.quantiles)
    assert made.mean() == pytest.approx(0.3, abs=0.02)
    assert made.std() == pytest.approx(0.2, abs=0.02)
    np.testing.assert_array_equal(made[0, :, 7].argsort()[200:700:50], one[0, :, 7].argsort()[200:700:50])


def test_the_rarest_of_a_bin_is_kept_and_what_is_next_to_nothing_is_nothing():
    picture = np.full((1, 2000, BINS), LOWEST + 0.6 * STEP, "float32")
    picture[0, 77] = 0.4
    found = Histograms()
    found.add(picture)
    assert found.quantiles[:90].max() == pytest.approx(LOWEST, abs=1e-6)
    np.testing.assert_allclose(found.quantiles[-1], 0.4, atol=STEP)


def test_a_grain_goes_on_without_end_and_begins_as_it_is(random):
    grain = random.uniform(size=(1, 40)).astype("float32")
    np.testing.assert_array_equal(restyle._looped(grain, 0, 40), grain)
    assert restyle._looped(grain, 0, 333).shape == (1, 333)
    np.testing.assert_array_equal(restyle._looped(grain, 0, 333)[:, 100:], restyle._looped(grain, 100, 233))
    assert restyle._looped(grain[:, :1], 0, 5).shape == (1, 5)


def test_a_texture_whose_end_fades_into_its_beginning_has_no_click_and_is_as_loud_there():
    grain = textures.built_in("waves")[None, : 3 * RATE]
    found = restyle._looped(grain, 0, 6 * RATE)
    seam = slice(3 * RATE - 2 * restyle.GRAIN_FADE, 3 * RATE + restyle.GRAIN_FADE)
    assert np.abs(np.diff(found[0, seam])).max() < 1.5 * np.abs(np.diff(grain[0])).max()
    assert found[0, seam].std() > 0.5 * grain.std()


def test_a_sound_in_pieces_has_no_clicks_and_is_the_whole_one(model, monkeypatch):
    content = beats(4.0).samples.T
    whole = restyle.reconstruct(model.network, content)
    monkeypatch.setattr(restyle, "PIECE", 160)
    monkeypatch.setattr(restyle, "OVERLAP", 40)
    texture = restyle.learn_texture(model.network, textures.built_in("rain")[:RATE])
    parts = restyle.reconstruct(model.network, content)
    assert len(restyle.Pieces(model.network, content).starts) == 4
    error = np.abs(parts - whole).max() / np.abs(whole).max()
    assert error < 0.1
    made = restyle.restyle(model.network, content, texture, 1.0)
    assert np.isfinite(made).all()
    assert made.shape == content.shape


def test_the_built_in_sounds_are_those_that_are_named_and_always_the_same():
    assert list(textures.MAKERS) == list(names.TEXTURES)
    assert list(examples.MAKERS) == list(names.EXAMPLES)
    for name in textures.MAKERS:
        sound = textures.built_in(name)
        assert sound.shape == (8 * RATE,)
        assert 0.2 < np.abs(sound).max() <= 0.9001
        assert abs(sound.mean()) < 1e-3
    with pytest.raises(SoundError, match="no texture 'hail': choose one of rain, bells"):
        textures.built_in("hail")


# The model.


def test_strength_0_gives_back_the_samples(model):
    content = beats()
    assert model.restyle(content, "rain", 0).sound is content


def test_a_little_strength_changes_a_sound_a_little(model):
    content = beats()
    scale = np.linalg.norm(content.samples)
    made = [model.restyle(content, "bells", strength).sound.samples for strength in (0.001, 0.999, 1)]
    assert np.linalg.norm(made[0] - content.samples) < 0.05 * scale
    assert np.linalg.norm(made[1] - made[2]) < 0.05 * scale
    assert np.linalg.norm(made[2] - content.samples) > 0.5 * scale


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_rate_channels_and_length_stay_and_nothing_clips(model, rate, channels):
    one = beats(0.7, rate).samples
    content = Sound(np.repeat(one, channels, axis=1) + np.float32(0.2), rate)
    made = model.restyle(content, "bells", 0.8).sound
    assert (made.rate, made.samples.shape, made.samples.dtype) == (rate, content.samples.shape, np.float32)
    assert np.abs(made.samples).max() <= 0.981
    assert np.abs(made.samples.mean(axis=0)).max() < 1e-3  # a constant part is not loudness


@pytest.mark.parametrize("count", [1, 2, 300, HOP, 1025])
def test_the_shortest_sounds_are_restyled_and_can_be_a_style(model, count):
    content = Sound(tone(900)[20 : 20 + count, None], RATE)
    made = model.restyle(content, "rain").sound
    assert len(made.samples) == count
    assert np.isfinite(made.samples).all()
    if count > 2:
        assert np.isfinite(model.restyle(beats(0.3), content).sound.samples).all()


@pytest.mark.parametrize("value", [0.0, 0.4])
def test_silence_and_a_constant_come_back_and_are_no_style(model, value):
    silent = Sound(np.full((4000, 1), value, "float32"), RATE)
    np.testing.assert_array_equal(model.restyle(silent, "rain").sound.samples, silent.samples)
    with pytest.raises(SoundError, match="The style is silent"):
        model.restyle(beats(0.2), silent)


def test_a_silent_channel_stays_silent(model):
    one = beats(0.5).samples
    made = model.restyle(Sound(np.concatenate([one, 0 * one], axis=1), RATE), "rain").sound.samples
    assert np.abs(made[:, 0]).max() > 0.05
    assert np.abs(made[:, 1]).max() == 0


def test_settings_that_are_none_are_refused(model):
    for strength in (-0.1, 1.1, "much", float("nan")):
        with pytest.raises(SettingsError, match="strength must be a number from 0 to 1"):
            model.restyle(beats(0.1), "rain", strength)
    with pytest.raises(SettingsError, match="method must be one of"):
        model.restyle(beats(0.1), "rain", method="guess")


def test_optimisation_brings_the_products_nearer(random):
    one, other = (random.uniform(0, 2, (1, 20, BINS)).astype("float32") for _ in range(2))
    picture = Picture(0.2 * one, other)
    before = float(picture.compute_loss())
    picture.compile(optimizer="adam")
    for _ in range(10):
        picture.train_on_batch(np.zeros((1, 1)))
    assert float(picture.compute_loss()) < before


def test_optimised_sounds_have_the_channels_and_the_length_of_the_content(model):
    content = np.stack([tone(500, 0.2), tone(800, 0.2)])
    done = []
    found = optimize(content, textures.built_in("rain")[:8000], lambda *counts: done.append(counts), steps=20)
    assert found.shape == content.shape
    assert done[-1] == (40, 40)
    assert np.isfinite(found).all()


# Training.


def test_a_training_of_sounds_runs_and_is_scored(tmp_path, monkeypatch):
    monkeypatch.setattr("styleprop.training.sound.SECONDS", 0.7)
    network = build_sound_autoencoder(SoundConfig.tiny())
    config = TrainingConfig(total_steps=3, batch_size=2, crop_size=16)
    check = SoundCheck(build_sound_autoencoder(SoundConfig.tiny()), tmp_path)
    last = list(train_sound(network, config, folder=tmp_path, evaluate=check))[-1]
    assert set(last.losses) >= {"reconstruction", "style"}
    assert 0 < last.scores["lsd_db"] < 100
    assert (tmp_path / "preview.png").is_file()


# Files.


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_samples_of_16_and_24_bits_come_back_as_they_were(tmp_path, random, subtype, ending):
    depth = int(subtype[-2:])
    whole = random.integers(-(2 ** (depth - 1)), 2 ** (depth - 1), (999, 2)).astype("int32") << (32 - depth)
    soundfile.write(tmp_path / "in.wav", whole, 44_100, subtype)
    save(load(tmp_path / "in.wav"), tmp_path / f"out{ending}")
    found, rate = soundfile.read(tmp_path / f"out{ending}", dtype="int32")
    assert rate == 44_100
    np.testing.assert_array_equal(found, whole)


@pytest.mark.parametrize("ending", [".ogg", ".mp3"])
def test_packed_sounds_are_written_and_read(tmp_path, ending):
    sound = Sound(np.repeat(tone(440, 2.0, 44_100)[:, None], 2, axis=1), 44_100)
    save(sound, tmp_path / f"a{ending}")
    found = load(tmp_path / f"a{ending}")
    assert (found.rate, found.samples.shape[1]) == (44_100, 2)
    assert found.seconds == pytest.approx(2, abs=0.1)
    spectrum = np.abs(np.fft.rfft(found.samples[:44_100, 0]))
    assert spectrum.argmax() == 440


def test_resampling_keeps_a_tone():
    found = resampled(tone(1000, 1.0, 48_000)[:, None], 48_000, 32_000)
    assert found.shape == (32_000, 1)
    np.testing.assert_allclose(found[500:-500, 0], tone(1000, 1.0, 32_000)[500:-500], atol=1e-3)


def test_a_file_is_not_left_half_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SoundError, match="cannot be written"):
        save(beats(0.1), tmp_path / "file" / "a.wav")
    with pytest.raises(SoundError, match="An MP3 cannot have 192000 samples a second"):
        save(beats(0.1, 192_000), tmp_path / "a.mp3")
    with pytest.raises(SoundError, match=r"A sound is written as .wav, .flac, .ogg, .mp3, not as .aac"):
        save(beats(0.1), tmp_path / "a.aac")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.fixture
def voice(tmp_path):
    """A sound as a file."""
    save(beats(0.3), tmp_path / "voice.wav")
    return tmp_path / "voice.wav"


def run(*words):
    from styleprop.cli import main

    return main(["sound", *map(str, words)])


def test_the_command_makes_missing_folders_and_tells_its_output(voice, tmp_path, capsys):
    assert run(voice, "--style", "rain", "-o", tmp_path / "new" / "out.flac", "--json") == 0
    assert json.loads(capsys.readouterr().out)["output"] == str(tmp_path / "new" / "out.flac")
    assert load(tmp_path / "new" / "out.flac").seconds == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("style", "output", "sentence"),
    [
        ("rain", "voice.wav", "The output 'voice.wav' is one of the inputs"),
        ("voice.wav", "./voice.wav", "The output 'voice.wav' is one of the inputs"),
        ("brain", "out.wav", "There is no texture and no file 'brain'; the textures are rain, bells"),
        ("rain", "out.aac", "A sound is written as .wav, .flac, .ogg, .mp3, not as .aac"),
    ],
)
def test_the_command_refuses_in_a_sentence_and_the_sound_stays(voice, monkeypatch, capsys, style, output, sentence):
    before = voice.read_bytes()
    monkeypatch.chdir(voice.parent)
    assert run(voice, "--style", style, "-o", output) == 2
    assert sentence in capsys.readouterr().err
    assert voice.read_bytes() == before
    assert list(voice.parent.iterdir()) == [voice]


def hostile(folder, name):
    """Write a file that is not a sound to be read; returns its path."""
    path = folder / f"{name}.wav"
    one = tone(440, 0.1)[:, None]
    if name == "nan":
        soundfile.write(path, np.full((100, 1), np.nan, "float32"), 44_100, "FLOAT")
    elif name == "eight-channels":
        soundfile.write(path, np.repeat(one, 8, axis=1), 44_100)
    elif name in ("slow", "fast"):
        soundfile.write(path, one, 4000 if name == "slow" else 384_000)
    elif name == "no-samples":
        soundfile.write(path, one[:0], 44_100)
    elif name == "raw-format":
        soundfile.write(path, one, 44_100, format="AU")
    elif name == "too-long":
        soundfile.write(path, np.zeros((61 * 8000, 1), "int16"), 8000)
    else:
        path.write_bytes({"nothing": b"", "text": b"hello " * 99, "torn": b"RIFF\xff\xff\xff\x7fWAVEfmt "}[name])
    return path


HOSTILE = {
    "nan": "not finite numbers",
    "eight-channels": "has 8 channels: mono and stereo",
    "slow": "has 4000 samples a second: 8000 to 192000",
    "fast": "has 384000 samples a second",
    "no-samples": "The sound is empty",
    "raw-format": "not a sound that can be opened",
    "too-long": "longer than 60 seconds",
    "nothing": "The file is empty",
    "text": "not a sound that can be opened",
    "torn": "not a sound that can be opened",
}


@pytest.mark.parametrize(("name", "sentence"), HOSTILE.items())
def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path, name, sentence):
    with pytest.raises(SoundError, match=sentence):
        load(hostile(tmp_path, name), VISITORS)


@pytest.mark.parametrize("name", ["nan", "too-long", "text"])
def test_a_strangers_sound_is_refused_in_the_same_words_from_another_process(tmp_path, name):
    with pytest.raises(SoundError, match=HOSTILE[name]):
        load_apart(hostile(tmp_path, name))


def test_a_strangers_sound_comes_as_it_is_from_another_process(tmp_path):
    save(beats(0.5), tmp_path / "a.flac")
    own, apart = load(tmp_path / "a.flac"), load_apart(tmp_path / "a.flac")
    assert own.rate == apart.rate
    np.testing.assert_array_equal(own.samples, apart.samples)


def test_a_header_that_lies_about_the_length_is_found_out(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((8000, 1), "int16"), 8000)
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) // 2])
    assert load(path).seconds == pytest.approx(0.5, abs=0.01)  # what there is
    with pytest.raises(SoundError, match=r"larger than 0\.001 MB"):
        load(path, Limits(megabytes=0.001))
