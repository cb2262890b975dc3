"""The PIN of a card: change, block, unblock. PINs come in blocks from a PIN pad and are clear in the module only."""

from datetime import datetime

from sqlalchemy import Connection, update

from protocol.keys import Cipher
from simulators.authority.actors import Actor, Role
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.hsm import PinFormatError, SoftHsm, WeakPinError
from simulators.authority.people.identity import Identity, identity_problems
from simulators.authority.people.powers import Act, may_not, not_of_home, restraint_problems
from simulators.authority.people.refusal import Key, Problem, Refused, refuse_if
from simulators.authority.people.register import Card, count_wrong_pins
from simulators.authority.policy.sections import Card as CardRules
from simulators.authority.supervision.audit import note
from simulators.authority.tables.people import CardState, cards

BLOCKED = 9
"""A count that is too many under every policy: none may allow more tries."""


def tries_left(card: Card, rules: CardRules, at: datetime) -> int:
    """How many PINs may still be tried, under the card rules of the home region; 0: the card is blocked for PIN."""
    wrong = card.wrong_pins_at(at.date(), new_every_day=rules.pin_tries_renew_daily)
    return max(0, rules.pin_tries - wrong)


def count_try(connection: Connection, card: Card, rules: CardRules, at: datetime, *, right: bool) -> int:
    """Count a PIN that was tried anywhere; how many tries are left."""
    wrong = 0 if right else rules.pin_tries - tries_left(card, rules, at) + 1
    if wrong != card.wrong_pins:
        count_wrong_pins(connection, card, wrong, at.date() if wrong else None)
    return max(0, rules.pin_tries - wrong)


def change_pin(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    card: Card,
    pan: str,
    rules: CardRules,
    pik: bytes,
    old_block: bytes,
    new_block: bytes,
    cipher: Cipher = Cipher.TDES,
) -> tuple[Problem, ...]:
    """Set a new PIN; both blocks are under the (wrapped) PIN key of a terminal. What was wrong; empty: it is changed.

    Told, not raised, so that a wrong old PIN stays counted.
    """
    problems = list(may_not(connection, hsm, actor, card.person_id, Act.CHANGE_PIN, at.date()))
    if card.state_at(at) is not CardState.ACTIVE:
        problems.append(Problem("card", Key.CARD_NOT_ACTIVE))
    if not tries_left(card, rules, at):
        problems.append(Problem("old_pin", Key.PIN_BLOCKED))
    if problems:
        return tuple(problems)
    try:
        if not hsm.pin_is_right(pik, old_block, pan, card.pin_reference, cipher):
            left = count_try(connection, card, rules, at, right=False)
            return (Problem("old_pin", Key.PIN_WRONG if left else Key.PIN_BLOCKED),)
        reference = hsm.new_pin_reference(pik, new_block, pan, cipher)
    except WeakPinError:
        return (Problem("new_pin", Key.PIN_TOO_EASY),)
    except PinFormatError:
        return (Problem("pin", Key.PIN_FORMAT),)
    if reference == card.pin_reference:
        return (Problem("new_pin", Key.PIN_UNCHANGED),)
    changed = update(cards).where(cards.c.id == card.id)
    connection.execute(changed.values(pin_reference=reference, wrong_pins=0, wrong_pins_on=None))
    note(connection, at, actor, "PIN changed", f"card:{card.id}")
    return ()


def block_pin(connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, card: Card) -> None:
    """The holder has it done: no PIN of this card counts any more until it is unblocked. Raises Refused."""
    problems = list(may_not(connection, hsm, actor, card.person_id, Act.REPORT_LOSS, at.date()))
    if card.state_at(at) is CardState.REPLACED:
        problems.append(Problem("card", Key.CARD_REPLACED))
    refuse_if(problems)
    _block(connection, actor, at, card, {})


def order_pin_block(connection: Connection, actor: Actor, at: datetime, card: Card, reason: str) -> None:
    """The authority has it done, such as for cards that were at a kiosk that was tampered with. Raises Refused."""
    refuse_if(restraint_problems(connection, actor, card.person_id, reason))
    _block(connection, actor, at, card, {"reason": reason.strip()[:200]})


def unblock_pin(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    card: Card,
    rules: CardRules,
    identity: Identity,
) -> None:
    """Allow PINs again: at a counter, with the holder's document. Raises Refused."""
    today = at.date()
    problems = list(may_not(connection, hsm, actor, card.person_id, Act.UNBLOCK_PIN, today))
    problems += not_of_home(connection, actor, card.person_id)
    if actor.role is not Role.TELLER:
        problems.append(Problem("actor", Key.ONLY_AT_THE_COUNTER))
    problems += identity_problems(connection, hsm, card.person_id, identity, today, document=True)
    if tries_left(card, rules, at):
        problems.append(Problem("card", Key.PIN_NOT_BLOCKED))
    if problems:
        raise Refused(problems)
    count_wrong_pins(connection, card, 0)
    note(connection, at, actor, "PIN unblocked", f"card:{card.id}")


def _block(connection: Connection, actor: Actor, at: datetime, card: Card, why: dict[str, str | int | None]) -> None:
    count_wrong_pins(connection, card, BLOCKED)
    notify(connection, card.person_id, Notice.PIN_BLOCKED, f"card:{card.id}", at, {})
    note(connection, at, actor, "PIN blocked", f"card:{card.id}", why)
