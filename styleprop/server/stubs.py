"""Gradio's import without the stub files that it writes."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_stubs() -> Iterator[None]:
    """Inside, a first `import gradio` takes 3 s in the place of 5: it writes no `.pyi` file beside each component.

    They are for editors. Gradio asks `inspect.getfile` for a component's source, and does without a stub where there is
    none, as for components that are typed in by hand.
    """
    find = inspect.getfile

    def find_others(thing):
        if getattr(thing, "__module__", "").startswith("gradio."):
            raise OSError("no stub is wanted")
        return find(thing)

    inspect.getfile = find_others
    try:
        yield
    finally:
        inspect.getfile = find
