"""A small least-recently-used cache that threads may share."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

ValueT = TypeVar("ValueT")


class RecentlyUsed:
    """Keeps the `size` values used last. A value asked for by two threads at once may be made twice."""

    def __init__(self, size: int):
        self.size = size
        self._values: OrderedDict = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], ValueT]) -> ValueT:
        """The value under `key`, made by `make()` where it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self.size:
                self._values.popitem(last=False)
        return value
