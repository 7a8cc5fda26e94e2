"""Pictures that were opened last, so that an upload is decoded once, however often a slider moves."""

import threading
from collections import OrderedDict
from pathlib import Path

from styleprop import images

MOST_BYTES = 320 * 2**20  # of pixels: one of 100 megapixels, or many of a phone's
MOST_PICTURES = 64  # small ones would never fill that, and each upload is a picture of its own


class Decoded:
    """The pictures used last, as many as go into `most_bytes`; safe to share by threads. Their arrays are read-only.

    Args:
        most_bytes: of their pixels.
        most: pictures.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most: int = MOST_PICTURES):
        self._most_bytes, self._most = most_bytes, most
        self._pictures: OrderedDict[tuple, images.Picture] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, path: Path) -> images.Picture:
        """What `images.load` makes of a file, as long as the file stays as it is. Raises ImageError."""
        found = path.stat()
        key = path, found.st_mtime_ns, found.st_size
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
        picture = images.load(path)
        picture.image.flags.writeable = False
        with self._lock:
            self._pictures[key] = picture
            while len(self._pictures) > self._most or sum(map(_size, self._pictures.values())) > self._most_bytes:
                self._pictures.popitem(last=False)
        return picture


def _size(picture: images.Picture) -> int:
    return picture.image.nbytes + (0 if picture.alpha is None else picture.alpha.nbytes)
