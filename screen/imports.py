"""Gives `import` back to Python, which PySide6 takes from it. An app imports this before anything else of the house.

PySide6's first import replaces `builtins.__import__`, for the sake of `from __feature__ import snake_case`, by one that
reads the source of every module imported afterwards and looks for PySide6's name in it. Nobody here uses features;
the sources, kept in `linecache`, were 12 MB of the kiosk and 30 ms of its first frame.
"""

from __future__ import annotations

import builtins
import linecache

import PySide6.QtCore  # noqa: F401  # it is what replaces the import

# Absent where PySide6 has replaced nothing, as on PyPy.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
# What it has read by now.
linecache.clearcache()
