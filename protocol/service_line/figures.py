"""8621 to 8624: indicators of terminals and providers, the board, and figures that may be published."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from protocol.service_line.service import OVERSEERS, Caller, Service
from protocol.service_line.values import Body, Count, Day, Fen, Limit, Region, Text, Yes, example

FAMILY = "figures"

Decimal = Annotated[
    str, Field(strict=True, pattern=r"^[0-9]{1,9}\.[0-9]{2}$", description="with two decimals, as text")
]


class Per(StrEnum):
    """Whose figures."""

    TERMINAL = "terminal"
    PROVIDER = "provider"


class IndicatorsInput(Body):
    """A day, or a span of days; terminals of the caller's region."""

    model_config = example(per="terminal", first="2026-05-01", last="2026-05-31")

    per: Per
    first: Day
    last: Day
    limit: Limit = 50


class IndicatorsOutput(Body):
    """Ranked, best first. What is missing is not known."""

    class Shown(Body):
        """One terminal or provider; `below` are the floors and ceilings that it breaks."""

        id: Text
        availability_percent: Decimal | None = None
        requests: Count
        approved: Count
        paid: Count
        success_percent: Decimal | None = None
        mean_seconds: Decimal | None = None
        median_seconds: Decimal | None = None
        retained_percent: Decimal | None = None
        complaints: Count
        rating: Decimal | None = None
        below: tuple[Text, ...]

    model_config = example(
        ranked=[
            {
                "id": "K3710001",
                "availability_percent": "99.80",
                "requests": 40,
                "approved": 38,
                "paid": 38,
                "success_percent": "100.00",
                "complaints": 0,
                "below": [],
            }
        ]
    )

    ranked: tuple[Shown, ...]


class BoardInput(Body):
    """Which day."""

    model_config = example(day="2026-05-20")

    day: Day


class BoardOutput(Body):
    """One indicator for each class of risk, over all regions."""

    class Indicator(Body):
        """`alarm`: past its threshold."""

        matter: Text
        value: Decimal
        threshold: Decimal
        alarm: Yes

    model_config = example(indicators=[{"matter": "legal", "value": "0.00", "threshold": "0.00", "alarm": False}])

    indicators: tuple[Indicator, ...]


class GroupBy(StrEnum):
    """What the groups of a statistic are."""

    HOME = "home"
    PLACE = "place"
    PURPOSE = "purpose"


class StatisticsInput(Body):
    """Payouts authorised in a span of days."""

    model_config = example(first="2026-01-01", last="2026-12-31", by="home")

    first: Day
    last: Day
    by: GroupBy = GroupBy.HOME


_GROUP: dict[str, JsonValue] = {"name": "371000", "persons": 120, "draws": 300, "paid_fen": 30000000}


class StatisticsOutput(Body):
    """A group that is too small has no figures; the least size is told."""

    class Group(Body):
        """One line."""

        name: Text
        persons: Count | None = None
        draws: Count | None = None
        paid_fen: Fen | None = None

    model_config = example(least=10, groups=[_GROUP, {"name": "440300"}], total={**_GROUP, "name": "total"})

    least: Count
    groups: tuple[Group, ...]
    total: Group


class ReportInput(Body):
    """A span of days; a caller of one region sees that region."""

    model_config = example(first="2026-05-01", last="2026-05-31", region="371000")

    first: Day
    last: Day
    region: Annotated[Region | None, Field(description="of the insurance; missing: all")] = None


class ReportOutput(Body):
    """What the service did, how each policy version was used, and how much of the ceilings on the last day."""

    class Uptake(Body):
        """One version of a home policy, ever."""

        region: Region
        version: Text
        applications: Count
        draws: Count
        paid_fen: Fen

    class Ceiling(Body):
        """Of the people insured in a region; no ceiling where none is told."""

        region: Region
        version: Text
        today_fen: Fen
        day_ceiling_fen: Fen | None = None
        year_fen: Fen
        year_ceiling_fen: Fen | None = None

    model_config = example(
        persons=120, draws=300, paid_fen=30000000, proven_draws=280, proven_percent=93, uptake=[], ceilings=[]
    )

    persons: Count
    draws: Count
    paid_fen: Fen
    proven_draws: Annotated[Count, Field(description="invoices have come for them")]
    proven_percent: Count
    uptake: tuple[Uptake, ...]
    ceilings: tuple[Ceiling, ...]


INDICATORS = Service(
    "8621",
    FAMILY,
    "运行指标",
    "indicators of terminals or providers",
    OVERSEERS,
    IndicatorsInput,
    IndicatorsOutput,
    writes=False,
)
BOARD = Service("8622", FAMILY, "风险指标", "the board of risks", OVERSEERS, BoardInput, BoardOutput, writes=False)
STATISTICS = Service(
    "8623",
    FAMILY,
    "统计发布",
    "statistics that may be published",
    OVERSEERS | {Caller.POLICY_MAKER},
    StatisticsInput,
    StatisticsOutput,
    writes=False,
    about="No group smaller than `least` is shown, nor what would give it away.",
)
REPORT = Service(
    "8624",
    FAMILY,
    "运行报告",
    "what the service did in a period",
    OVERSEERS | {Caller.POLICY_MAKER},
    ReportInput,
    ReportOutput,
    writes=False,
    about="For inside: small groups are not left out.",
)
