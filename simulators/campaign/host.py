"""The authority as a program that can die: before a message counts, after it counts, or after the reply has left."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.exc import OperationalError

from protocol.money_line import Message, ResponseCode, is_authenticated
from simulators.authority.authority import Authority
from simulators.authority.money_line.host_line import HostLine
from simulators.campaign.bank import Bank
from simulators.world.fault_options import Seconds, Whole
from simulators.world.faults import Ailment
from simulators.world.line import LineEnd

RECEIVED, COMMITTED, REPLIED = "A6", "A7", "A8"
"""When the host dies, by the fault's id."""

OUTAGE: Final = 5.0
"""Seconds until it is there again, unless told otherwise."""

LAST_BREATH: Final = 0.2
"""Seconds in which a reply leaves before the host dies."""

REFUSALS: Final[Mapping[str, ResponseCode]] = {
    "D16": ResponseCode.PARTIAL_APPROVAL,
    "D17": ResponseCode.SYSTEM_ERROR,
}
"""What it answers once instead, with a right MAC, posting nothing."""


class HostDied(Exception):  # it is no error
    """The host's program ends in the middle of an answer: what it has not committed never happened."""


class FragileHost:
    """Serves connections for `authority`, until it `dies`; what was committed stays. `fired` hears of each fault."""

    def __init__(
        self, authority: Authority, bank: Bank, dies: Callable[[float], None], fired: Callable[[str], None]
    ) -> None:
        self._authority = authority
        self._bank = bank
        self._dies = dies
        self._fired = fired
        self._next_death: tuple[str, float] | None = None
        self._ledger_down = 0
        self._refusals: dict[str, str] = {}
        self.answering = False
        """It is at work on a message."""

    async def serve(self, line: LineEnd) -> None:
        """Answer on one connection until it is down."""
        await HostLine(self._handle, lambda _: None).serve(line)

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def die(fault: str) -> Callable[..., None]:
            def happen(seconds: float = OUTAGE) -> None:
                self._next_death = (fault, seconds)

            return happen

        def ledger_down(messages: int = 1) -> None:
            self._ledger_down = messages

        deaths = {
            fault: Ailment(die(fault), limits={"seconds": Seconds(600, 90)}) for fault in (RECEIVED, COMMITTED, REPLIED)
        }

        def approve_part() -> None:
            self._refusals["0200"] = "D16"

        def refuse_reversal() -> None:
            self._refusals["0400"] = "D17"

        return {
            **deaths,
            **self._bank.ailments(),
            "D15": Ailment(ledger_down, limits={"messages": Whole(1, 100, 3)}),
            "D16": Ailment(approve_part),
            "D17": Ailment(refuse_reversal),
        }

    def heal(self) -> None:
        """It works."""
        self._next_death, self._ledger_down = None, 0
        self._refusals.clear()
        self._bank.heal()

    def _handle(self, message: Message) -> Message | None:
        if self._ledger_down and is_authenticated(message.mti):
            self._ledger_down -= 1
            self._fired("D15")
            raise OperationalError("the ledger is down", None, Exception())
        if (refusal := self._refusals.pop(message.mti, None)) is not None:
            self._fired(refusal)
            self._authority.refuse_next(message.mti, REFUSALS[refusal])
        death = self._next_death if is_authenticated(message.mti) else None
        if death is None:
            return self._answer(message)
        fault, seconds = death
        self._next_death = None
        self._fired(fault)
        if fault == RECEIVED:
            self._dies(seconds)
            return None
        reply = self._answer(message)
        if fault == COMMITTED:
            self._dies(seconds)
            return None
        asyncio.get_running_loop().call_later(LAST_BREATH, self._dies, seconds)
        return reply

    def _answer(self, message: Message) -> Message | None:
        self._bank.before(message)
        self.answering = True
        try:
            return self._authority.handle(message)
        except HostDied:
            self._dies(OUTAGE)
            return None
        finally:
            self.answering = False
            self._bank.after(message)
