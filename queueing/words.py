"""A text that people read, in each language that a centre has it in. It decides nothing, not even which is shown."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""A text by language: `{"ar": ..., "en": ...}`."""
