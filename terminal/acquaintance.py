"""Who has acknowledged notice and texts at this kiosk: known by a keyed index of the card, never by its number."""

from collections.abc import Callable

from terminal.journal import Entry, Journal


class Acquaintance:
    """Reads the journal once and then keeps up. `index` is the vault's; without one nobody is known."""

    def __init__(self, journal: Journal, index: Callable[[str, str], str] | None = None) -> None:
        self._journal = journal
        self._index = index
        self._known: set[tuple[str, str]] | None = None

    def knows(self, pan: str, version: str) -> bool:
        """Was this version acknowledged with this card before?"""
        if self._index is None:
            return False
        if self._known is None:
            records = self._journal.records(Entry.NOTICE_ACKNOWLEDGED)
            self._known = {(str(record.data.get("who")), str(record.data["version"])) for record in records}
        return (self._index(pan, "acquaintance"), version) in self._known

    def made(self, pan: str, version: str, visit: str) -> None:
        """Put on record that this version was acknowledged."""
        if self._index is None:
            self._journal.write(Entry.NOTICE_ACKNOWLEDGED, visit, version=version)
            return
        who = self._index(pan, "acquaintance")
        self._journal.write(Entry.NOTICE_ACKNOWLEDGED, visit, version=version, who=who)
        if self._known is not None:
            self._known.add((who, version))
