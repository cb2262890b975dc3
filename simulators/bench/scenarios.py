"""Stories of one visit, by name: who comes, what they do, what goes wrong, and how it must end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from protocol.money_line import CashRequest
from simulators.authority.authority import Authority
from simulators.bench.customer import Plan
from simulators.bench.file import BenchFile
from simulators.world.fault_options import Option
from terminal.view import Screen
from terminal.visit import Ending


def _unchanged(file: BenchFile) -> BenchFile:
    return file


def _nothing(_: Authority) -> None:
    return None


def _no_more(_: Authority, __: str) -> None:
    return None


def _contribution(authority: Authority, pan: str) -> None:
    """The monthly contribution of an employer comes in."""
    authority.credit(pan, 1_000_00, "contribution of the story")


APPLY = ("application", "apply", "440300", "TREATMENT_AWAY", "DRUGS", "type", "#3000", "type", "#13800005678", "submit")
"""What is touched and typed for an application: 3000 yuan for drugs in Shenzhen."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story. `amount_paid` is in yuan: what the person has in the hand at the end; `transferred` went to the own
    bank account. Before the visit that counts the person may have come already (`before`), and after that something
    may have happened at the authority to the person's card (`then`).

    `set_up` changes the bench, `host` what happens at the authority, and `faults` are armed on the devices: ids of the
    catalogue with their options.
    """

    story: str
    ending: Ending
    amount_paid: int = 0
    transferred: int = 0
    person: str = "jia"
    plan: Plan = field(default_factory=Plan)
    before: tuple[Plan, ...] = ()
    then: Callable[[Authority, str], None] = _no_more
    card_returned: bool = True
    set_up: Callable[[BenchFile], BenchFile] = _unchanged
    host: Callable[[Authority], None] = _nothing
    faults: Mapping[str, Mapping[str, Option]] = field(default_factory=dict)

    @property
    def awaits_count(self) -> bool:
        """The story ends with an item in suspense: a person has to count before anything is debited or given back."""
        return self.ending in (Ending.SUSPENSE, Ending.RETRACTED)


def _first_cassette(*, notes: int | None = None, physical: int | None = None) -> Callable[[BenchFile], BenchFile]:
    """The top cassette with other notes in it than the bench file says, or than the terminal was told."""

    def change(file: BenchFile) -> BenchFile:
        dispenser = file.cash_dispenser
        first, *rest = dispenser.cassettes
        update = {"physical": physical} if notes is None else {"notes": notes}
        cassettes = (first.model_copy(update=update), *rest)
        return file.model_copy(update={"cash_dispenser": dispenser.model_copy(update={"cassettes": cassettes})})

    return change


def presenter(**options: Option) -> Callable[[BenchFile], BenchFile]:
    """A dispenser with a stacker, a shutter that tells, and a retract area; its bytes for these are this project's."""

    def change(file: BenchFile) -> BenchFile:
        given = {"extensions": True, "shutter_closed_bit": 32, **options}
        dispenser = file.cash_dispenser.model_copy(update={"model": "fujitsu-f56", "options": given})
        return file.model_copy(update={"cash_dispenser": dispenser})

    return change


def _both(*changes: Callable[[BenchFile], BenchFile]) -> Callable[[BenchFile], BenchFile]:
    def change(file: BenchFile) -> BenchFile:
        for each in changes:
            file = each(file)
        return file

    return change


def _host_is_silent(authority: Authority) -> None:
    authority.faults.silent_on[CashRequest] = 1


def _reply_is_lost(authority: Authority) -> None:
    authority.faults.lose_reply_on[CashRequest] = 1


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "withdraw": Scenario("Card, PIN, 500 yuan, card back, cash, receipt.", Ending.PAID, 500),
    "withdraw-two-cassettes": Scenario(
        "Only ten notes of 100 are left: 1300 yuan come out of two cassettes.",
        Ending.PAID,
        1300,
        plan=Plan(amount=1300),
        set_up=_first_cassette(notes=10),
    ),
    "wrong-pin-then-right": Scenario(
        "A wrong PIN, then the right one.", Ending.PAID, 500, plan=Plan(pins=("000000", "135790"))
    ),
    "pin-blocked": Scenario(
        "Three wrong PINs block the card; the next request would be refused too.",
        Ending.DECLINED,
        person="bing",
        plan=Plan(pins=("000000",)),
    ),
    "insufficient-balance": Scenario(
        "The account holds less than the smallest amount that may be drawn.", Ending.DECLINED, person="yi"
    ),
    "unknown-card": Scenario("The host does not know the card.", Ending.DECLINED, person="ding"),
    "mute-chip": Scenario("The chip of the card does not answer.", Ending.CARD_REJECTED, person="wu"),
    "over-limit": Scenario(
        "5000 yuan are typed in where 2000 is the limit; the screen says so and the person gives up.",
        Ending.CANCELLED,
        plan=Plan(amount=5000),
    ),
    "cancel-at-pin": Scenario(
        "The person presses CANCEL instead of a PIN.", Ending.CANCELLED, plan=Plan(cancels_at=Screen.PIN)
    ),
    "card-left-behind": Scenario(
        "The card is not taken before the cash: it is captured, and the approval given back.",
        Ending.NOT_PAID,
        plan=Plan(walks_away_at=Screen.TAKE_CARD),
        card_returned=False,
    ),
    "cassette-runs-empty": Scenario(
        "The cassette holds three notes where the terminal counts on 200: the true amount is paid and debited.",
        Ending.PARTLY_PAID,
        300,
        set_up=_first_cassette(physical=3),
    ),
    "host-silent": Scenario(
        "The host does not answer the request for money: reversed, nothing debited.",
        Ending.NO_ANSWER,
        host=_host_is_silent,
    ),
    "reply-lost": Scenario(
        "The host holds the money, but its approval is lost: reversed, nothing debited.",
        Ending.NO_ANSWER,
        host=_reply_is_lost,
    ),
    "apply-and-transfer": Scenario(
        "Applied at the kiosk and looked at once more; then 500 yuan go to the own bank account instead of cash.",
        Ending.TRANSFERRED,
        transferred=500,
        before=(Plan(path=APPLY, amount=0), Plan(path=("application", "status", "menu"), amount=0)),
        plan=Plan(path=("transfer", "type", "#500", "pay", "print", "return_card"), amount=0),
    ),
    "look-up-credit-cash": Scenario(
        "Too little on the account, as the balance tells; once the contribution has come, the same cash can be had.",
        Ending.PAID,
        200,
        person="yi",
        before=(Plan(path=("account", "history", "menu"), amount=200),),
        then=_contribution,
        plan=Plan(amount=200),
    ),
    "two-policies": Scenario(
        "Home and place have other rules: both are read, the stricter is on the screen and on paper, then cash.",
        Ending.PAID,
        500,
        plan=Plan(path=("policy", "440300", "combined", "up", "checklist", "print", "menu"), amount=500),
    ),
    "present": Scenario(
        "A dispenser with a stacker: notes stacked, card back, notes presented and taken.",
        Ending.PAID,
        500,
        set_up=presenter(),
    ),
    "present-card-left": Scenario(
        "The notes are stacked, but the card stays in the slot: nothing is presented, all comes back.",
        Ending.NOT_PAID,
        plan=Plan(walks_away_at=Screen.TAKE_CARD),
        card_returned=False,
        set_up=presenter(),
    ),
    "present-stacked-short": Scenario(
        "The cassette holds three notes where five are asked for: they are rejected, and nothing is paid.",
        Ending.NOT_PAID,
        set_up=_both(_first_cassette(physical=3), presenter()),
    ),
    "present-not-taken": Scenario(
        "Nobody takes the notes: retracted and counted, and the amount is held until a person has counted too.",
        Ending.RETRACTED,
        plan=Plan(walks_away_at=Screen.TAKE_CASH, comes_back=False),
        set_up=presenter(),
    ),
    "present-part-taken": Scenario(
        "Two of five notes are taken and the rest is retracted: the full amount is held until a person has counted.",
        Ending.RETRACTED,
        200,
        plan=Plan(notes_taken=2),
        set_up=presenter(),
    ),
    "present-note-held-back": Scenario(
        "Somebody holds on to one note while the bundle is retracted, and would have all of it credited.",
        Ending.SUSPENSE,
        plan=Plan(walks_away_at=Screen.TAKE_CASH, comes_back=False),
        set_up=presenter(),
        faults={"C14": {"notes": 1}},
    ),
}
