"""Loads `requests` without its guesser of encodings, 3 MB. A device imports this before whatever imports `requests`.

The guesser (charset_normalizer) is of use only for texts of unknown encoding, and requests does without where there is
none. Peers of this house speak JSON, which is UTF-8. The module stays whole for anybody else in the process.
"""

from __future__ import annotations

import sys
import warnings

_GUESSER = "charset_normalizer"

if _GUESSER not in sys.modules and "requests" not in sys.modules:
    # None: whoever imports it now is told that there is none (Python's language reference, 5.3.1).
    sys.modules[_GUESSER] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to find acceptable character detection")
            import requests  # noqa: F401
    finally:
        del sys.modules[_GUESSER]
