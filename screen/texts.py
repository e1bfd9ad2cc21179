"""The catalogue's words as QML sees them: one object that tells when the language changes.

QML reads them through the singleton `Texts` of the module `Dawr`, never from here. This module writes no words.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement, QmlSingleton, QQmlEngine

from assets.texts import Catalogue

QML_IMPORT_NAME = "Dawr.Core"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
@QmlSingleton
class TextSource(QObject):
    """The words of every language of the centre, and which language is on the screen."""

    languageChanged = Signal()

    def __init__(self, catalogues: Mapping[str, Catalogue], language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        if language not in catalogues:
            raise ValueError(f"no catalogue of {language!r}")
        self._catalogues = dict(catalogues)
        self._language = language

    @staticmethod
    def create(engine: QQmlEngine) -> QObject | None:
        """Hand an engine the source that was made its child; called by Qt when QML first asks."""
        return engine.findChild(TextSource)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the language on the screen."""
        return self._catalogues[self._language]

    @property
    def catalogues(self) -> Mapping[str, Catalogue]:
        """All catalogues by language."""
        return self._catalogues

    def speak(self, language: str) -> None:
        """Change the language on the screen; every text that QML shows follows at once. Raises ValueError."""
        if language not in self._catalogues:
            raise ValueError(f"no catalogue of {language!r}")
        if language != self._language:
            self._language = language
            self.languageChanged.emit()

    @Property(str, notify=languageChanged)
    def language(self) -> str:
        """Return the language on the screen."""
        return self._language

    @Property(bool, notify=languageChanged)
    def rightToLeft(self) -> bool:
        """Say whether it is written from right to left."""
        return self.catalogue.direction == "rtl"

    @Slot(str, result=str)
    def text(self, key: str) -> str:
        """Return a text in the language on the screen. An unknown key is a bug and raises KeyError."""
        return self.catalogue.t(key)

    @Slot(str, str, result=str)
    def textIn(self, language: str, key: str) -> str:
        """Return a text in a language of one's choice, for screens that show two at once."""
        return self._catalogues[language].t(key)
