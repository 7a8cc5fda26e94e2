"""Pictures in and out: the only place that changes range, dtype, size, colour mode or orientation."""

from styleprop.config.files import ENDINGS, OUTPUT_FORMATS
from styleprop.images.arrays import (
    center_square,
    crop_square,
    fit_within,
    from_batch,
    pad_to_multiple,
    resize,
    resize_part,
    resize_to_area,
    to_batch,
)
from styleprop.images.colors import ERROR_GAIN, error_map, heat_tile, keep_colors, only_colors
from styleprop.images.guards import sniff
from styleprop.images.loading import Source, load
from styleprop.images.masks import blend, fit_mask, to_mask
from styleprop.images.picture import MAX_ASPECT, MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, Picture
from styleprop.images.saving import encode_as, encode_png, save
from styleprop.images.sheets import labelled_sheet, sheet_columns
from styleprop.images.sources import open_ordinary, read_source

__all__ = [
    "ENDINGS",
    "ERROR_GAIN",
    "MAX_ASPECT",
    "MAX_FILE_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "MIN_SIDE",
    "OUTPUT_FORMATS",
    "Picture",
    "Source",
    "blend",
    "center_square",
    "crop_square",
    "encode_as",
    "encode_png",
    "error_map",
    "fit_mask",
    "fit_within",
    "from_batch",
    "heat_tile",
    "keep_colors",
    "labelled_sheet",
    "load",
    "only_colors",
    "open_ordinary",
    "pad_to_multiple",
    "read_source",
    "resize",
    "resize_part",
    "resize_to_area",
    "save",
    "sheet_columns",
    "sniff",
    "to_batch",
    "to_mask",
]
