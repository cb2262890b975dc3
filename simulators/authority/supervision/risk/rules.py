"""Risk rules as data: one TOML file for all regions, and tables in it for regions that set others."""

import tomllib
from collections.abc import Mapping
from datetime import time
from enum import StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.pooling import pooling_region

OUR_RULES = Path(__file__).with_name("rules.toml")
"""The rules that come with the simulator."""

Count = Annotated[StrictInt, Field(ge=1)]
Flag = Annotated[bool, Field(strict=True)]
Percent = Annotated[StrictInt, Field(ge=1, le=100)]


class RiskRulesError(ValueError):
    """A file of risk rules that can't be used; says which file, which key and what is wrong."""


class Kind(StrEnum):
    """What a rule looks at."""

    VELOCITY = auto()
    MANY_TERMINALS = auto()
    FAR_APART = auto()
    MANY_CARDS = auto()
    COMPANIONS = auto()
    SHARED_PAYEE = auto()
    SHARED_PHONE = auto()
    SPLITTING = auto()
    PIECES = auto()
    REPEATED_MAXIMUM = auto()
    AFTER_CREDIT = auto()
    WRONG_CARDS = auto()
    REPEATED_REFUSALS = auto()
    ASKS_THE_MOST = auto()
    CHANGED = auto()
    TRIAL = auto()
    DOUBTFUL_INVOICES = auto()


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[StrictInt, Field(ge=1, le=1000)]
    code: Literal["57", "59", "65"] = "59"

    @property
    def answer(self) -> Code:
        """Field 39 where this rule weighs most."""
        return Code(self.code)  # type: ignore[call-arg]  # looked up by value


class Velocity(_Rule):
    """So many payouts of one person in so many minutes, this one included."""

    kind: Literal[Kind.VELOCITY]
    code: Literal["57", "59", "65"] = "65"
    minutes: Count
    at_least: Count
    asking_percent: Percent | None = None


class ManyTerminals(_Rule):
    """So many terminals that one person asks at, this one included."""

    kind: Literal[Kind.MANY_TERMINALS]
    minutes: Count
    at_least: Count


class FarApart(_Rule):
    """Less than this share of the time that a journey from the last place takes, for centres at least so far apart."""

    kind: Literal[Kind.FAR_APART]
    percent: Percent
    from_km: Annotated[StrictInt, Field(ge=0)] = 0


class ManyCards(_Rule):
    """So many cards at this terminal, this one included.

    `asking_percent`, `from_fen`: only cards that ask for so much count. `among_percent`: they are so many of all cards
    that asked there in that time. `away_percent`: so many of them are insured elsewhere. `between`: only at these
    hours, over midnight too.
    """

    kind: Literal[Kind.MANY_CARDS]
    minutes: Count
    at_least: Count
    asking_percent: Percent | None = None
    from_fen: Annotated[StrictInt, Field(ge=0)] = 0
    among_percent: Percent | None = None
    away_percent: Percent | None = None
    between: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None = None

    def holds_at(self, at: time) -> bool:
        """Does it look at this time of the day?"""
        if self.between is None:
            return True
        begins, ends = (time.fromisoformat(part) for part in self.between.split("-"))
        return begins <= at < ends if begins < ends else at >= begins or at < ends


class Companions(_Rule):
    """So many others who are here now and were with this person on so many earlier days; not those of one phone.

    `moving`: then they were at another terminal. `city`: then they were anywhere in the same city. `strangers`: only
    others count who are insured in another region than this person.
    """

    kind: Literal[Kind.COMPANIONS]
    minutes: Count
    days: Count
    at_least: Count
    moving: Flag = False
    city: Flag = False
    strangers: Flag = False
    asking_percent: Percent | None = None


class SharedPayee(_Rule):
    """So many persons, this one included, who are paid to one account."""

    kind: Literal[Kind.SHARED_PAYEE]
    at_least: Count


class SharedPhone(_Rule):
    """So many persons, this one included, with one phone number."""

    kind: Literal[Kind.SHARED_PHONE]
    at_least: Count


class Splitting(_Rule):
    """So many requests of one person, this one included, just under one and the same limit."""

    kind: Literal[Kind.SPLITTING]
    days: Count
    at_least: Count
    from_percent: Percent


class Pieces(_Rule):
    """So many requests of one person, this one included, each less than half of a limit, together so much of it."""

    kind: Literal[Kind.PIECES]
    minutes: Count
    at_least: Count
    from_percent: Percent


class RepeatedMaximum(_Rule):
    """So many earlier payouts of nearly everything, for which no invoice has come in `grace_days`."""

    kind: Literal[Kind.REPEATED_MAXIMUM]
    days: Count
    grace_days: Annotated[StrictInt, Field(ge=0)]
    at_least: Count
    asking_percent: Percent


class AfterCredit(_Rule):
    """So many of the last credits drawn at once, the last one by this request."""

    kind: Literal[Kind.AFTER_CREDIT]
    hours: Count
    at_least: Count
    of_last: Count
    asking_percent: Percent


class WrongCards(_Rule):
    """So many cards refused here for card or PIN, not paid afterwards; `stolen`: only lost, void and unknown ones."""

    kind: Literal[Kind.WRONG_CARDS]
    minutes: Count
    at_least: Count
    stolen: Flag = False


class RepeatedRefusals(_Rule):
    """So many refusals of one person."""

    kind: Literal[Kind.REPEATED_REFUSALS]
    minutes: Count
    at_least: Count


class Changed(_Rule):
    """So many requests for nearly everything soon after another phone, account or card, this one included."""

    kind: Literal[Kind.CHANGED]
    hours: Count
    at_least: Count
    asking_percent: Percent


class Trial(_Rule):
    """A small payout at one terminal, and soon after so many requests for nearly everything at others."""

    kind: Literal[Kind.TRIAL]
    hours: Count
    at_least: Count
    small_percent: Percent
    asking_percent: Percent


class DoubtfulInvoices(_Rule):
    """So many invoices handed in that another person had handed in before."""

    kind: Literal[Kind.DOUBTFUL_INVOICES]
    days: Count
    at_least: Count
    asking_percent: Percent


class AsksTheMost(_Rule):
    """This request asks for nearly everything."""

    kind: Literal[Kind.ASKS_THE_MOST]
    asking_percent: Percent


Rule = (
    Velocity
    | ManyTerminals
    | FarApart
    | ManyCards
    | Companions
    | SharedPayee
    | SharedPhone
    | Splitting
    | Pieces
    | RepeatedMaximum
    | AfterCredit
    | WrongCards
    | RepeatedRefusals
    | AsksTheMost
    | Changed
    | Trial
    | DoubtfulInvoices
)


class RiskRules(BaseModel):
    """The rules of one region, or of all that have none of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,32}$")]
    clue_at: Count
    decline_at: Count
    rules: tuple[Annotated[Rule, Field(discriminator="kind")], ...]

    def of_kind(self, *kinds: Kind) -> bool:
        """Is there a rule of one of these kinds?"""
        return any(rule.kind in kinds for rule in self.rules)

    def reach_minutes(self, percent: int) -> int:
        """How far back rules look at a terminal when a request asks for this share of what it could."""
        looking = [
            rule.minutes
            for rule in self.rules
            if isinstance(rule, WrongCards)
            or (isinstance(rule, ManyCards | Companions) and (rule.asking_percent or 0) <= percent)
        ]
        return max(looking, default=0)


class _File(RiskRules):
    regions: Mapping[str, RiskRules] = {}


class RiskBook:
    """The rules of every region; regions are compared as pooling regions."""

    def __init__(self, rules: RiskRules, regions: Mapping[str, RiskRules] | None = None) -> None:
        self._rules = rules
        self._regions = {pooling_region(region): own for region, own in (regions or {}).items()}

    @classmethod
    def load(cls, path: Path = OUR_RULES) -> "RiskBook":
        """One file. Raises RiskRulesError."""
        try:
            file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise RiskRulesError(f"{path}: {error.strerror}; is it there, and may it be read?") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RiskRulesError(f"{path}: {error}") from error
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
                for problem in error.errors()
            )
            raise RiskRulesError(f"{path}: {problems}") from error
        return cls(file, file.regions)

    def of(self, place: str) -> RiskRules:
        """The rules where the money is asked for."""
        return self._regions.get(pooling_region(place), self._rules)


@cache
def our_risk_rules() -> RiskBook:
    """Those that come with the simulator; read once, and shared by all hosts of a process."""
    return RiskBook.load()
