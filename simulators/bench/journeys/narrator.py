"""Who hears a journey while it happens."""

from typing import Protocol


class Narrator(Protocol):
    """Told in English; what people read and hear is in their language."""

    def chapter(self, words: str) -> None:
        """A new day or place."""

    def says(self, who: str, words: str) -> None:
        """Somebody does or says something, or is told something."""


class Nobody:
    """Listens to nothing."""

    def chapter(self, words: str) -> None:
        """Not heard."""

    def says(self, who: str, words: str) -> None:
        """Not heard."""
