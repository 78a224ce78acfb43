"""Heavy libraries, imported late: after the window is painted, and without side effects.

WORKAROUND py_ecc (which eth-account brings along): importing it raises the recursion limit of the
whole process to 100,000. With that limit a frame of deeply nested brackets, which any server can
send, overflows the C stack and kills the process instead of being refused. Drop this module when
py_ecc leaves the limit alone.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType


def import_late(name: str) -> ModuleType:
    """Import a module and leave the recursion limit as it was; meant for a thread."""
    limit = sys.getrecursionlimit()
    try:
        return importlib.import_module(name)
    finally:
        sys.setrecursionlimit(limit)
