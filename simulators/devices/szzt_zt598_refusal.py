"""How the simulated PIN pad says no, and what it keeps in a key slot."""

from dataclasses import dataclass, field

from protocol.szzt_zt598_tables import Rtn, Tag


class PadRefuses(Exception):
    """The pad answers a command with an error."""

    def __init__(self, rtn: Rtn) -> None:
        super().__init__(rtn.name)
        self.rtn = rtn


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key in its slot. An SM4 key comes without a tag: what it is first used for, it is for."""

    value: bytes = field(repr=False)
    tag: Tag | None
