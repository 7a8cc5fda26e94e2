"""One job of a page at a time, however often its button is clicked."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from gradio.context import LocalContext

PAGES = 4096


class OncePerPage:
    """Remembers which job each page started last. A double click sends twice what the browser knew before the first.

    Args:
        is_under_way: whether a job, by its id, waits or works.
    """

    def __init__(self, is_under_way: Callable[[str], bool]):
        self._is_under_way = is_under_way
        self._last: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, submit: Callable[[], str]) -> str:
        """The id of the asking page's job that is under way; where there is none, of what `submit` starts."""
        request = LocalContext.request.get(None)
        page = getattr(request, "session_hash", None)
        if not page:
            return submit()
        with self._lock:
            last = self._last.get(page)
            if last is None or not self._is_under_way(last):
                last = self._last[page] = submit()
            self._last.move_to_end(page)
            while len(self._last) > PAGES:
                self._last.popitem(last=False)
        return last
