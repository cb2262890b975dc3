"""All journeys, by name."""

from collections.abc import Mapping
from typing import Final

from simulators.bench.journeys.failed_withdrawal import FAILED
from simulators.bench.journeys.journey import Journey
from simulators.bench.journeys.lost_card import LOST_CARD
from simulators.bench.journeys.new_year import NEW_YEAR
from simulators.bench.journeys.online import ONLINE

JOURNEYS: Final[Mapping[str, Journey]] = {
    "online-to-own-bank": ONLINE,
    "lost-card-same-application": LOST_CARD,
    "failed-withdrawal-counter": FAILED,
    "cash-over-new-year": NEW_YEAR,
}
