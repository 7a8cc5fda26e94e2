import json

import pytest

from styleprop.config import AutoencoderConfig, TrainingConfig
from styleprop.errors import SettingsError


@pytest.mark.parametrize("config", [AutoencoderConfig(), AutoencoderConfig.classic(), TrainingConfig(seed=4)])
def test_a_config_survives_json(config):
    assert type(config).from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("kind", "values", "word"),
    [
        (AutoencoderConfig, {"colour": 1}, "colour"),
        (AutoencoderConfig, {"architecture": "unet"}, "unet"),
        (AutoencoderConfig, {"filters": [1, 2]}, "filters"),
        (AutoencoderConfig, {"filters": [0, 2, 2]}, "filters"),
        (AutoencoderConfig, {"filters": 7}, "type"),
        (AutoencoderConfig, {"code_hidden": -1}, "code_hidden"),
        (TrainingConfig, {"crop_size": 40}, "crop_size"),
        (TrainingConfig, {"total_steps": 0}, "total_steps"),
        (TrainingConfig, {"learning_rate": 0.0}, "learning_rate"),
        (TrainingConfig, {"precision": "float8"}, "precision"),
        (TrainingConfig, {"half_scale_weight": 2.0}, "half_scale_weight"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(kind, values, word):
    with pytest.raises(SettingsError, match=word) as caught:
        kind.from_dict(values)
    assert "\n" not in str(caught.value)
