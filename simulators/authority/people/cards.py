"""The life of a card: activation, loss reports, replacement, freezing. Each act counts in every channel at once.

    from          | temporary report  | formal report | report taken back | activation | replacement
    NOT_ACTIVATED | LOST for 7 days   | LOST          |                   | ACTIVE     | handed in: REPLACED
    ACTIVE        | LOST for 7 days   | LOST          |                   |            | handed in: REPLACED
    FROZEN        | LOST for 7 days   | LOST          |                   |            | handed in: REPLACED
    LOST (7 days) | 7 days from now   | LOST          | as before         |            |
    LOST          |                   |               | as before         |            | REPLACED
    REPLACED      |                   |               |                   |            |

What is empty is refused. After 7 days a card is by itself what it was before. A report stops what is authorised after
it; an approval that was given before it is carried through, and the order of both stands in the books.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.hsm import PinFormatError, SoftHsm, WeakPinError
from simulators.authority.people.identity import Identity, identity_problems
from simulators.authority.people.numbers import NumberProblem, card_number_problems, pan_problems
from simulators.authority.people.powers import Act, may_not, not_of_home, restraint_problems
from simulators.authority.people.refusal import Key, Problem, Refused, refuse_if
from simulators.authority.people.register import Card, NewCard, card_of_id, issue_card
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.audit import note
from simulators.authority.tables.people import CardState, LossKind, cards, loss_reports

TEMPORARY = timedelta(days=7)
"""How long a temporary loss report counts."""

_CHANGE = update(cards).where(cards.c.id == bindparam("card"))
_STATE_KEYS = {
    CardState.ACTIVE: Key.CARD_ALREADY_ACTIVE,
    CardState.NOT_ACTIVATED: Key.CARD_NOT_ACTIVE,
    CardState.FROZEN: Key.CARD_FROZEN,
    CardState.LOST: Key.CARD_LOST,
    CardState.REPLACED: Key.CARD_REPLACED,
}


def report_loss(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    card: Card,
    kind: LossKind,
    channel: Channel,
    identity: Identity | None = None,
) -> datetime | None:
    """Stop a card; when the report lapses by itself, None: not before it is taken back. Raises Refused.

    A formal report needs the counter and an identity with its document; for a temporary one it is enough that the
    channel knows who reports.
    """
    problems = list(may_not(connection, hsm, actor, card.person_id, Act.REPORT_LOSS, at.date()))
    if kind is LossKind.FORMAL:
        if channel is not Channel.COUNTER:
            problems.append(Problem("kind", Key.ONLY_AT_THE_COUNTER))
        problems += _identity_problems(connection, hsm, actor, card, identity, at)
    state = card.state_at(at)
    lost_for_good = state is CardState.LOST and card.lost_until is None
    if state is CardState.REPLACED:
        problems.append(Problem("card", Key.CARD_REPLACED))
    elif lost_for_good:
        problems.append(Problem("card", Key.CARD_LOST))
    refuse_if(problems)
    until = at + TEMPORARY if kind is LossKind.TEMPORARY else None
    before = card.state_before_loss if state is CardState.LOST else state
    _change(connection, card, state=CardState.LOST, lost_until=_text(until), state_before_loss=before)
    connection.execute(
        insert(loss_reports).values(
            card_id=card.id,
            kind=kind,
            at=at.isoformat(),
            until=_text(until),
            channel=channel,
            role=actor.role,
            actor=actor.id,
        )
    )
    note(connection, at, actor, "loss reported", f"card:{card.id}", {"kind": kind, "channel": channel})
    return until


def take_back_loss(
    connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, card: Card, channel: Channel, identity: Identity
) -> Card:
    """The card was found: it is again what it was; a formal report is taken back at the counter. Raises Refused."""
    problems = list(may_not(connection, hsm, actor, card.person_id, Act.TAKE_BACK_LOSS, at.date()))
    problems += _identity_problems(connection, hsm, actor, card, identity, at)
    state = card.state_at(at)
    if state is CardState.REPLACED:
        problems.append(Problem("card", Key.CARD_REPLACED))
    elif state is not CardState.LOST:
        problems.append(Problem("card", Key.CARD_NOT_LOST))
    elif card.lost_until is None and channel is not Channel.COUNTER:
        problems.append(Problem("card", Key.ONLY_AT_THE_COUNTER))
    refuse_if(problems)
    _change(connection, card, state=card.state_before_loss or CardState.ACTIVE, lost_until=None, state_before_loss=None)
    note(connection, at, actor, "loss report taken back", f"card:{card.id}", {"channel": channel})
    return card_of_id(connection, card.id)


def replace_card(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    card: Card,
    new: NewCard,
    identity: Identity,
    *,
    handed_in: bool = False,
) -> Card:
    """Issue a new card, to be activated; the old one is void for ever. Raises Refused.

    A card that is not `handed_in` must have been reported formally. Balance, applications, limits used and history
    belong to the person and go on.
    """
    problems = list(may_not(connection, hsm, actor, card.person_id, Act.REPLACE_CARD, at.date()))
    problems += not_of_home(connection, actor, card.person_id)
    problems += _identity_problems(connection, hsm, actor, card, identity, at)
    state = card.state_at(at)
    if state is CardState.REPLACED:
        problems.append(Problem("card", Key.CARD_REPLACED))
    elif not handed_in and not (state is CardState.LOST and card.lost_until is None):
        problems.append(Problem("card", Key.CARD_NOT_REPORTED_FORMALLY))
    problems += new_card_problems(connection, hsm, new, at)
    refuse_if(problems)
    fresh = NewCard(new.card_number, new.pan, new.expiry, new.pin, CardState.NOT_ACTIVATED)
    try:
        issued = issue_card(connection, hsm, card.person_id, fresh, replaces=card.id)
    except WeakPinError:
        raise Refused([Problem("new_pin", Key.PIN_TOO_EASY)]) from None
    except PinFormatError:
        raise Refused([Problem("new_pin", Key.PIN_FORMAT)]) from None
    _change(connection, card, state=CardState.REPLACED, lost_until=None, state_before_loss=None)
    note(connection, at, actor, "card replaced", f"card:{card.id}", {"by": issued})
    return card_of_id(connection, issued)


def activate_card(connection: Connection, actor: Actor, at: datetime, card: Card) -> None:
    """Make a card ACTIVE; `accounts.activate` has checked who asks. Raises Refused."""
    refuse_if(activation_problems(card, at))
    _change(connection, card, state=CardState.ACTIVE)
    note(connection, at, actor, "card activated", f"card:{card.id}")


def activation_problems(card: Card, at: datetime) -> tuple[Problem, ...]:
    """Why a card can't be activated."""
    if card.is_expired(at.date()):
        return (Problem("card", Key.CARD_EXPIRED),)
    state = card.state_at(at)
    return () if state is CardState.NOT_ACTIVATED else (Problem("card", _STATE_KEYS[state]),)


def freeze_card(connection: Connection, actor: Actor, at: datetime, card: Card, reason: str) -> Card:
    """Stop a card by order of the authority. Raises Refused.

    One that was never activated is not frozen, so that letting it go on is no activation.
    """
    problems = list(restraint_problems(connection, actor, card.person_id, reason))
    held = _but_for_a_loss(card, at)
    if held is not CardState.ACTIVE:
        problems.append(Problem("card", Key.CARD_NOT_ACTIVE if held is None else _STATE_KEYS[held]))
    refuse_if(problems)
    _change_but_for_a_loss(connection, card, at, CardState.FROZEN)
    _tell(connection, card, Notice.CARD_FROZEN, at)
    note(connection, at, actor, "card frozen", f"card:{card.id}", {"reason": reason.strip()[:200]})
    return card_of_id(connection, card.id)


def unfreeze_card(connection: Connection, actor: Actor, at: datetime, card: Card, reason: str) -> Card:
    """Let a frozen card go on; one that was reported lost meanwhile stays lost. Raises Refused."""
    problems = list(restraint_problems(connection, actor, card.person_id, reason))
    if _but_for_a_loss(card, at) is not CardState.FROZEN:
        problems.append(Problem("card", Key.CARD_NOT_FROZEN))
    refuse_if(problems)
    _change_but_for_a_loss(connection, card, at, CardState.ACTIVE)
    _tell(connection, card, Notice.CARD_RELEASED, at)
    note(connection, at, actor, "card unfrozen", f"card:{card.id}", {"reason": reason.strip()[:200]})
    return card_of_id(connection, card.id)


def new_card_problems(connection: Connection, hsm: SoftHsm, new: NewCard, at: datetime) -> tuple[Problem, ...]:
    """What is wrong with the numbers of a card to be issued, and with its last month."""
    wrong: dict[str, tuple[NumberProblem, ...]] = {
        "card_number": card_number_problems(new.card_number),
        "pan": pan_problems(new.pan),
    }
    found = [Problem(name, Key.CARD_NUMBER_WRONG) for name, problems in wrong.items() if problems]
    taken = select(cards.c.id).where(cards.c.pan_index == hsm.index(new.pan))
    if connection.scalar(taken) is not None:
        found.append(Problem("pan", Key.CARD_NUMBER_TAKEN))
    if new.expiry < f"{at:%y%m}":
        found.append(Problem("expiry", Key.CARD_EXPIRED))
    return tuple(found)


def _identity_problems(
    connection: Connection, hsm: SoftHsm, actor: Actor, card: Card, identity: Identity | None, at: datetime
) -> tuple[Problem, ...]:
    """At a counter the document is looked at; elsewhere number and name have to do."""
    if identity is None:
        return (Problem("identity", Key.DOCUMENT_MISSING),)
    at_counter = actor.role is Role.TELLER
    return identity_problems(connection, hsm, card.person_id, identity, at.date(), document=at_counter)


def _tell(connection: Connection, card: Card, kind: Notice, at: datetime) -> None:
    notify(connection, card.person_id, kind, f"card:{card.id}", at, {})


def _but_for_a_loss(card: Card, at: datetime) -> CardState | None:
    """Its state, or the one to which a card that is reported lost goes back."""
    state = card.state_at(at)
    return card.state_before_loss if state is CardState.LOST else state


def _change_but_for_a_loss(connection: Connection, card: Card, at: datetime, to: CardState) -> None:
    """Change that state: a card that is reported lost stays lost."""
    if card.state_at(at) is CardState.LOST:
        _change(connection, card, state_before_loss=to)
    else:
        _change(connection, card, state=to, lost_until=None, state_before_loss=None)


def _change(connection: Connection, card: Card, **values: object) -> None:
    connection.execute(_CHANGE, {"card": card.id, **values})


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
