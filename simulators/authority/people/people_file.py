"""Files of people that an authority loads: the format, and every error with file, person and key.

`docs/people.md` describes each key. A file of the bench (`simulators/world/people.toml`) is one too: the card's keys
may stand beside the person's, and what only a bench needs is ignored.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from simulators.authority.people.names import is_name
from simulators.authority.people.numbers import (
    NumberProblem,
    card_number_problems,
    cleaned,
    id_number_problems,
    pan_problems,
    phone_problems,
)
from simulators.authority.tables.applications import Kinship
from simulators.authority.tables.people import CardState, DocumentKind, LossKind, PersonState


class PeopleFileError(ValueError):
    """A file of people that can't be loaded; one line for each problem, with file, person and key."""


def _month(value: Any) -> Any:
    """2024-03 is the month, as its first day."""
    if isinstance(value, str) and len(value) == 7:
        return f"{value}-01"
    return value


Fen = Annotated[StrictInt, Field(ge=0)]
Month = Annotated[date, BeforeValidator(_month), AfterValidator(lambda day: day.replace(day=1))]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,32}$")]
Region = Annotated[str, Field(pattern=r"^\d{6}$")]
Name = Annotated[str, Field(min_length=1, max_length=50)]

CARD_KEYS = ("card_number", "pan", "pan_sequence", "expiry", "pin")
BENCH_KEYS = ("card", "known_to_host", "note", "pan_sequence")


class Entry(BaseModel):
    """A table of the file: unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CardEntry(Entry):
    """A card; `expiry` is YYMM. A lost one says since when."""

    card_number: str
    pan: str
    pan_sequence: Annotated[str, Field(pattern=r"^\d{2}$")] = "01"
    expiry: Annotated[str, Field(pattern=r"^\d{2}(0[1-9]|1[0-2])$")]
    pin: Annotated[str, Field(pattern=r"^\d{6}$", repr=False)]
    state: CardState = CardState.ACTIVE
    wrong_pins: Annotated[StrictInt, Field(ge=0, le=9)] = 0
    lost: LossKind | None = None
    lost_at: datetime | None = None

    @model_validator(mode="after")
    def _loss_is_whole(self) -> "CardEntry":
        if (self.lost is None) != (self.lost_at is None):
            raise ValueError("lost and lost_at belong together")
        if self.lost is not None and self.state is CardState.REPLACED:
            raise ValueError("a card that was replaced is not lost any more")
        if self.lost is None and self.state is CardState.LOST:
            raise ValueError('say lost = "formal" or "temporary", and lost_at; state is what the card was before')
        return self


class CreditEntry(Entry):
    """One credit to the personal account: its day decides the vintage."""

    on: date
    fen: Annotated[StrictInt, Field(gt=0)]
    kind: Literal["contribution", "arrears", "transfer_in", "interest"] = "contribution"


class RepairEntry(Entry):
    """A month that was paid later."""

    month: Month
    on: date


class ContributionEntry(Entry):
    """Months from `first` to `last`, both paid, but for the gaps; a repaired month is no gap.

    Without `last` they go on to the month in which the file is loaded.
    """

    first: Month
    last: Month | None = None
    gaps: tuple[Month, ...] = ()
    repaired: tuple[RepairEntry, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "ContributionEntry":
        last = self.last or date.max
        if last < self.first:
            raise ValueError("last lies before first")
        outside = [m for m in (*self.gaps, *(r.month for r in self.repaired)) if not self.first <= m <= last]
        if outside:
            raise ValueError(f"{outside[0]:%Y-%m} does not lie between first and last")
        return self

    def months(self, today: date) -> Iterator[tuple[date, date | None]]:
        """Each month that was paid, and when it was repaired."""
        repaired = {each.month: each.on for each in self.repaired}
        month, last = self.first, self.last or today
        while month <= last:
            if month in repaired or month not in self.gaps:
                yield month, repaired.get(month)
            month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


class GroupEntry(Entry):
    """A group, such as SETTLED_ELSEWHERE_RETIRED."""

    code: Code
    valid_from: date
    valid_to: date | None = None


class HealthEntry(Entry):
    """A health status with who says so."""

    code: Code
    source: Code
    as_of: date
    valid_to: date | None = None


class DiagnosisEntry(Entry):
    """A proof of diagnosis."""

    icd10: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}(\.[0-9A-Za-z]{1,8})?$")]
    issued_on: date
    valid_to: date | None = None


class DocumentEntry(Entry):
    """An identity document; without `valid_to` it is valid for good."""

    kind: DocumentKind
    valid_from: date
    valid_to: date | None = None


class BankAccountEntry(Entry):
    """The person's own bank account, as its bank knows it. `holder` may be spelt in another way than here."""

    number: Annotated[str, Field(pattern=r"^\d{8,19}$")]
    holder: Name | None = None
    holder_id_number: str | None = None
    closed: bool = False


class RelativeEntry(Entry):
    """Another person of the file, and what that one is to this one."""

    person: str
    is_: Annotated[Kinship, Field(alias="is")]


class PersonEntry(Entry):
    """One person. `id` names the person within the file."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    name: Name
    id_number: str
    region: Region
    phone: str | None = None
    insurance: Literal["310", "390"] = "310"
    person_type: Literal["11", "12", "13", "14", "15", "16"] = "11"
    insured_since: date | None = None
    state: PersonState = PersonState.ACTIVE
    moved_to: Region | None = None
    opening_balance_fen: Fen = 0
    own_single_fen: Fen | None = None
    own_day_fen: Fen | None = None
    locked: bool = False
    alerts: bool = False
    guardian: str | None = None
    relatives: tuple[RelativeEntry, ...] = ()
    cards: tuple[CardEntry, ...] = ()
    credits: tuple[CreditEntry, ...] = ()
    contributions: tuple[ContributionEntry, ...] = ()
    groups: tuple[GroupEntry, ...] = ()
    health: tuple[HealthEntry, ...] = ()
    diagnoses: tuple[DiagnosisEntry, ...] = ()
    documents: tuple[DocumentEntry, ...] = ()
    bank_accounts: tuple[BankAccountEntry, ...] = ()


def read_people(path: Path, on: date) -> tuple[PersonEntry, ...]:
    """The people of a file, all of them right by their numbers. Raises PeopleFileError.

    People that the file says no host knows (`known_to_host = false`) are left out.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise PeopleFileError(f"{path}: {error.strerror}; give a file that can be read") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PeopleFileError(f"{path}: no TOML in UTF-8: {error}") from None
    problems = [f"{path}: unknown table {name!r}; people stand in [[person]]" for name in tables if name != "person"]
    rows = tables.get("person")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise PeopleFileError("\n".join([*problems, f"{path}: there is no [[person]] in it"]))
    people: list[PersonEntry] = []
    for number, row in enumerate(rows, 1):
        if row.get("known_to_host") is False:
            continue
        who = f"{path}: person {row.get('id', f'number {number}')!s}"
        try:
            entry = PersonEntry.model_validate(_unfolded(row))
        except ValidationError as error:
            problems += [f"{who}: {_key(each['loc'])}: {_said(each)}" for each in error.errors()]
            continue
        problems += [f"{who}: {problem}" for problem in (*_number_problems(entry, on), *_date_problems(entry, on))]
        people.append(entry)
    problems += [f"{path}: {problem}" for problem in _clashes(people)]
    if problems:
        raise PeopleFileError("\n".join(problems))
    return tuple(people)


def _unfolded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A card that is written beside its person becomes one in `cards`; what only a bench needs goes."""
    own = {key: value for key, value in row.items() if key not in (*CARD_KEYS, *BENCH_KEYS)}
    if "pan" in row or "card_number" in row:
        card = {key: row[key] for key in CARD_KEYS if key in row}
        own["cards"] = [*own.get("cards", ()), card]
    return own


def _number_problems(person: PersonEntry, on: date) -> Iterator[str]:
    words = {
        NumberProblem.LENGTH: "has the wrong length",
        NumberProblem.CHARACTERS: "has characters that do not belong there",
        NumberProblem.REGION: "begins with no region there is",
        NumberProblem.BIRTH_DATE: "holds no possible birth date",
        NumberProblem.CHECK_DIGIT: "has a wrong check digit",
    }
    found: list[tuple[str, tuple[NumberProblem, ...]]] = [
        ("id_number", id_number_problems(cleaned(person.id_number), on)),
        ("phone", () if person.phone is None else phone_problems(cleaned(person.phone))),
    ]
    for number, card in enumerate(person.cards):
        found.append((f"cards.{number}.card_number", card_number_problems(card.card_number)))
        found.append((f"cards.{number}.pan", pan_problems(card.pan)))
    for key, problems in found:
        yield from (f"{key}: it {words[problem]}" for problem in problems)
    if not is_name(person.name):
        yield "name: this can't be a name"
    if person.state is PersonState.MOVED_OUT and person.moved_to is None:
        yield "moved_to: say where the insurance went"


def _date_problems(person: PersonEntry, on: date) -> Iterator[str]:
    """What has not happened yet, and what ends before it begins."""
    for number, credit in enumerate(person.credits):
        if credit.on > on:
            yield f"credits.{number}.on: {credit.on} lies after {on}; it can't have been credited yet"
    if person.insured_since is not None and person.insured_since > on:
        yield f"insured_since: {person.insured_since} lies after {on}"
    spans = [(f"groups.{number}", each.valid_from, each.valid_to) for number, each in enumerate(person.groups)]
    spans += [(f"health.{number}", each.as_of, each.valid_to) for number, each in enumerate(person.health)]
    spans += [(f"diagnoses.{number}", each.issued_on, each.valid_to) for number, each in enumerate(person.diagnoses)]
    spans += [(f"documents.{number}", each.valid_from, each.valid_to) for number, each in enumerate(person.documents)]
    for key, begins, ends in spans:
        if ends is not None and ends < begins:
            yield f"{key}.valid_to: {ends} lies before {begins}, when it begins"


def _clashes(people: Sequence[PersonEntry]) -> Iterator[str]:
    """What two people of a file can't share, and guardians that it does not have."""
    taken: dict[tuple[str, str], str] = {}
    names = {person.id for person in people}
    for name, count in Counter(person.id for person in people).items():
        if count > 1:
            yield f"person {name}: id: {count} people have it; give each an id of its own"
    for person in people:
        owned = [("id_number", cleaned(person.id_number))]
        owned += [("cards.pan", card.pan) for card in person.cards]
        owned += [("bank_accounts.number", account.number) for account in person.bank_accounts]
        for key, value in owned:
            before = taken.setdefault((key, value), person.id)
            if before != person.id or owned.count((key, value)) > 1:
                yield f"person {person.id}: {key}: person {before} has it already"
        if person.guardian is not None and person.guardian not in names:
            yield f"person {person.id}: guardian: there is no person {person.guardian!r} in this file"
        if person.guardian == person.id:
            yield f"person {person.id}: guardian: nobody is his own guardian; name another person of the file"
        for relative in person.relatives:
            if relative.person not in names - {person.id}:
                yield f"person {person.id}: relatives: there is no other person {relative.person!r} in this file"


FORMS: Mapping[str, str] = {
    "icd10": "write a code of ICD-10, as in C34.9 or I63.900x009",
    "expiry": "write year and month, YYMM",
    "pin": "write six digits in quotes",
    "region": "write six digits of GB/T 2260 in quotes",
    "moved_to": "write six digits of GB/T 2260 in quotes",
    "number": "write 8 to 19 digits in quotes",
    "pan_sequence": "write two digits in quotes",
    "id": "write up to 40 letters, digits and _ . -",
    "code": "write capital letters, digits and _, as in RESETTLED_RETIREE",
    "source": "write capital letters, digits and _, as in HOSPITAL",
}
"""For keys that have to look in a certain way."""


def _said(problem: ErrorDetails) -> str:
    """What is wrong with a key, and what to write; never what stands there, which may be a PIN."""
    named = next((str(part) for part in reversed(problem["loc"]) if isinstance(part, str)), "")
    match problem["type"]:
        case "string_pattern_mismatch" | "string_type" if named in FORMS:
            return FORMS[named]
        case "extra_forbidden":
            return "there is no such key; docs/people.md has them all"
        case "missing":
            return "is missing; add it"
        case _:
            said = problem["msg"].removeprefix("Value error, ")
            return said[:1].lower() + said[1:]


def _key(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in path) or "person"
