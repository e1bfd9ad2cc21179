"""Where the data files lie. One place, so that a package can be installed elsewhere without a search."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent
FONTS = ROOT / "fonts"
LOCALE = ROOT / "locale"
THEME = ROOT / "theme.json"
LOOK = ROOT / "look"
VOICE = ROOT / "voice"
SOUNDS = ROOT / "sounds"
ICONS = ROOT / "icons"
DEMO = ROOT / "demo"
