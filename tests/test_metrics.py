import math

import numpy as np
import pytest
import tensorflow as tf

from styleprop import metrics


def test_psnr_of_an_error_of_one_level_is_48_13_db(picture):
    safe = np.clip(picture, 0, 254)
    assert metrics.psnr_db(safe, safe + 1) == pytest.approx(20 * math.log10(255))
    assert metrics.psnr_db(picture, picture) == math.inf


def test_ssim_equals_tensorflows(picture, random):
    other = np.clip(picture + random.normal(0, 20, picture.shape), 0, 255).astype(np.uint8)
    expected = float(tf.image.ssim(picture.astype("float32"), other.astype("float32"), 255.0))
    assert metrics.ssim(picture, other) == pytest.approx(expected, abs=1e-5)
    assert metrics.ssim(picture.swapaxes(0, 1), other.swapaxes(0, 1)) == pytest.approx(expected, abs=1e-5)
    assert metrics.ssim(picture, picture) == pytest.approx(1.0)


def test_ssim_by_strips_equals_ssim_at_once(picture, random, monkeypatch):
    other = picture[::-1]
    at_once = metrics.ssim(picture, other)
    monkeypatch.setattr(metrics, "STRIP_PIXELS", 20 * picture.shape[1])
    assert metrics.ssim(picture, other) == pytest.approx(at_once, abs=1e-6)


def test_ssim_of_a_large_picture_is_that_of_some_of_its_strips(random, monkeypatch):
    picture = random.integers(0, 256, (240, 60, 3)).astype(np.uint8)
    other = np.clip(picture + random.normal(0, 20, picture.shape), 0, 255).astype(np.uint8)
    other[30:40] = other[70:80] = 0  # in the second strip, and in the fourth
    monkeypatch.setattr(metrics, "STRIP_PIXELS", 20 * 60)
    whole = metrics.ssim(picture, other)
    monkeypatch.setattr(metrics, "SSIM_PIXELS", 120 * 60)
    assert metrics.ssim(picture, other) > whole + 0.02
    assert metrics.ssim(picture, picture) == pytest.approx(1.0)


def test_a_stylization_equal_to_its_content_or_style_has_distance_zero_to_it(tiny_features, picture):
    style = picture[::-1, :, ::-1]
    own, other = (metrics.perceptual_features(tiny_features, image) for image in (picture, style))
    assert metrics.content_distance(own, own) == pytest.approx(0.0, abs=1e-5)
    assert metrics.style_distance(own, own) == pytest.approx(0.0, abs=1e-6)
    assert metrics.style_distance(own, other) > 0.01
    assert metrics.content_distance(own, other) > 0.01
