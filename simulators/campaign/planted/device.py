"""Planted bugs of drivers and wire formats."""

from collections.abc import Mapping
from typing import Any, Final

from drivers import dispense_verdict, fujitsu_f56, puloon_lcdm_2000, puloon_lcdm_4000
from drivers.exchange import Exchange
from drivers.fujitsu_f56 import FujitsuF56
from drivers.fujitsu_f56_line import F56Line
from drivers.interfaces import Dispensed, Done, PositionStatus, Refused, UnitCounts, Unknown
from drivers.puloon_lcdm_common import PuloonLcdm
from protocol import fujitsu_f56_frame, puloon_lcdm_frame
from protocol.wire import Control, Damaged, Noise
from simulators.campaign.planted.bug import Make, Patch, Planted, changed, instead, together

VERDICT: Final = "drivers/dispense_verdict.py"
EXCHANGE: Final = "drivers/exchange.py"
COMMON: Final = "drivers/puloon_lcdm_common.py"


def _check_skipped(before: Any) -> Any:
    """Of a frame that is damaged in its check character only, or anywhere else inside."""

    def checked(pending: bytes, *how: Any) -> Any:
        event = before(pending, *how)
        if not isinstance(event, Damaged):
            return event
        try:
            return how[-1](pending[: how[0]]) if len(how) > 1 else how[0](pending[4:-4], pending)
        except ValueError:
            return event

    return checked


def _verdicts(change: Any) -> Patch:
    """What a driver makes of a dispenser's answer, made otherwise."""

    def make(before: Any) -> Any:
        return lambda device, asked, answer: change(asked, before(device, asked, answer))

    modules = (puloon_lcdm_2000, puloon_lcdm_4000, fujitsu_f56)
    return together(*(changed(module, "verdict", make) for module in modules))


def _part_dropped(_: Mapping[str, int], outcome: Any) -> Any:
    match outcome:
        case Done(Dispensed(_, error)) if error is not None:
            return Refused(error)
    return outcome


def _nothing_is_all(asked: Mapping[str, int], outcome: Any) -> Any:
    match outcome:
        case Done(Dispensed(units, error)) if error is not None and not any(told.dispensed for told in units.values()):
            return Done(Dispensed({unit: UnitCounts(notes) for unit, notes in asked.items()}))
    return outcome


def _request(change: Any) -> Patch:
    """Both line engines ask in another way."""

    def make(before: Any) -> Any:
        async def request(self: Any, *what: Any, motion: bool = False, **how: Any) -> Any:
            return await before(self, *what, **change(motion, how))

        return request

    return together(changed(Exchange, "request", make), changed(F56Line, "request", make))


def _dispenses(make: Make) -> Patch:
    return together(changed(PuloonLcdm, "dispense", make), changed(FujitsuF56, "dispense", make))


def _unknown_retried() -> Patch:
    def make(before: Any) -> Any:
        async def dispense(self: Any, units: Any) -> Any:
            outcome = await before(self, units)
            return await before(self, units) if isinstance(outcome, Unknown) else outcome

        return dispense

    return _dispenses(make)


def _cassettes_swapped() -> Patch:
    other = {"unit1": "unit2", "unit2": "unit1"}

    def make(before: Any) -> Any:
        async def dispense(self: Any, units: Any) -> Any:
            match await before(self, {other[unit]: notes for unit, notes in units.items()}):
                case Done(Dispensed(told, error, failed)):
                    return Done(Dispensed({other.get(unit, unit): of for unit, of in told.items()}, error, failed))
                case outcome:
                    return outcome

        return dispense

    return _dispenses(make)


def _taken_at_once() -> Patch:
    async def items_taken(self: Any, timeout: float) -> bool:
        return True

    return together(
        changed(PuloonLcdm, "items_taken", instead(items_taken)),
        changed(FujitsuF56, "items_taken", instead(items_taken)),
    )


def _never_presented() -> Patch:
    """The driver forgets that it has presented."""

    def make(before: Any) -> Any:
        async def present(self: Any) -> Any:
            stacker, presented = self._stacker, self._presented
            outcome = await before(self)
            self._stacker, self._presented = stacker, presented
            return outcome

        return present

    return changed(FujitsuF56, "present", make)


async def _not_settled(*_: Any) -> None:
    """Nothing that was heard before is dropped."""


def _kept_for_later() -> Patch:
    """What was no answer to one command may be that to a later one."""

    def make(before: Any) -> Any:
        async def request(self: Any, *what: Any, aside: Any = lambda _: None, **how: Any) -> Any:
            kept = self.__dict__.setdefault("kept", [])
            self._events[:0] = kept
            kept.clear()

            def keep(event: Any) -> None:
                aside(event)
                if not isinstance(event, Control | Noise | Damaged):
                    kept.append(event)

            return await before(self, *what, aside=keep, **how)

        return request

    return changed(Exchange, "request", make)


def _position_always(status: PositionStatus) -> Patch:
    return changed(puloon_lcdm_4000, "position_status", instead(lambda _: status))


BUGS: Final = (
    Planted(
        "M9",
        "check characters of the dispensers' frames are not verified",
        "protocol/puloon_lcdm_frame.py",
        lambda: together(
            changed(puloon_lcdm_frame, "_checked", _check_skipped),
            changed(fujitsu_f56_frame, "_checked", _check_skipped),
        ),
        (3, 4),
    ),
    Planted(
        "M10",
        "counts of an answer are not compared with the request",
        VERDICT,
        lambda: changed(dispense_verdict, "_doubt", instead(lambda *_: "")),
        (3, 4),
    ),
    Planted(
        "M11",
        "a motion is sent again when its ACK is lost",
        EXCHANGE,
        lambda: _request(lambda _, how: how),
        (3, 7),
    ),
    Planted(
        "M12",
        "no time limit for the answer to a motion",
        EXCHANGE,
        lambda: _request(lambda motion, how: {**how, "motion": motion, **({"timeout": 1e9} if motion else {})}),
        (9, 15),
    ),
    Planted(
        "M14",
        "notes stand at the exit, whatever the sensor says",
        COMMON,
        lambda: _position_always(PositionStatus.NOT_EMPTY),
        (15,),
    ),
    Planted(
        "M15", "an error makes partial counts count for nothing", VERDICT, lambda: _verdicts(_part_dropped), (3, 4)
    ),
    Planted("M16", "an error with no notes counts as success", VERDICT, lambda: _verdicts(_nothing_is_all), (3, 4)),
    Planted(
        "M17",
        "what was heard before a command may answer it",
        EXCHANGE,
        lambda: together(
            _kept_for_later(),
            changed(Exchange, "_settle", instead(_not_settled)),
            changed(F56Line, "_settle", instead(_not_settled)),
        ),
        (3, 4),
    ),
    Planted("K60", "a dispense whose outcome is unknown is asked for again", COMMON, _unknown_retried, (7,)),
    Planted("K61", "the two cassettes are mixed up", COMMON, _cassettes_swapped, (3, 4, 5)),
    Planted("K62", "notes count as taken at once", COMMON, _taken_at_once, (14, 15)),
    Planted("K63", "a driver forgets that it has presented", "drivers/fujitsu_f56.py", _never_presented, (4, 8, 15)),
    Planted(
        "K64",
        "the exit is free, whatever the sensor says",
        COMMON,
        lambda: _position_always(PositionStatus.EMPTY),
        (14,),
    ),
)
"""Of drivers and wire formats."""
