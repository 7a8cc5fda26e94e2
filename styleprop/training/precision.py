"""Which arithmetic is fast here."""

from functools import cache
from pathlib import Path

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


@cache
def fast_precision(processor: Path = Path("/proc/cpuinfo")) -> str:
    """Return "mixed_bfloat16" where the processor has instructions for it, else "float32"."""
    try:
        words = set(processor.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        words = set()
    return "mixed_bfloat16" if words & BFLOAT16_FLAGS else "float32"
