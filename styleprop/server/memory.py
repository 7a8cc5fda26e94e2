"""What the C library is told, so that a process that serves for weeks does not grow."""

import ctypes

M_ARENA_MAX = -8  # of glibc's malloc.h
ARENAS = 2


def share_arenas() -> bool:
    """Let all threads allocate from the same two heaps; says whether the C library (glibc) has this setting.

    Each of the threads that Gradio answers with would get a heap of its own, and what is freed in one is of no use to
    the others: that held 100 MB after 1,000 calls, and grew.
    """
    try:
        return bool(ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError):
        return False
