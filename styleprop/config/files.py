"""By their endings: which files are pictures, and which formats can be written. No NumPy, so that --help is quick."""

OUTPUT_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
}
# By which files in a folder are pictures; what one really is, its content says.
ENDINGS = frozenset(
    [*OUTPUT_FORMATS, ".jpe", ".jfif", ".mpo", ".bmp", ".gif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".jpf", ".jpx"]
)
STYLE_ENDING = ".style.json"  # of styles that people keep
