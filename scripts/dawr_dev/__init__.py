"""The tools of the house: the demonstration, the tour, the measurements. Nothing of the product imports them."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout's top folder."""
