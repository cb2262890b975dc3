"""The words that policies, questions and decisions share; Chinese terms are in `docs/glossary.md`."""

from enum import StrEnum


class Channel(StrEnum):
    """Where a person meets the service."""

    ATM = "ATM"  # kiosk or cash machine
    ONLINE = "ONLINE"  # bank APP, website
    COUNTER = "COUNTER"  # bank branch, bureau
    PHONE = "PHONE"


class PayoutMode(StrEnum):
    """How the money reaches the person; both stand under one application and one set of limits."""

    CASH = "CASH"
    TRANSFER = "TRANSFER"  # to the person's own bank account


class Purpose(StrEnum):
    """What the money is for."""

    TREATMENT_AWAY = "TREATMENT_AWAY"
    TREATMENT = "TREATMENT"
    EMERGENCY = "EMERGENCY"
    UNUSUAL = "UNUSUAL"
    DAILY = "DAILY"  # refused unless a policy allows it in so many words


class PurposeDetail(StrEnum):
    """Which medical costs; invoices are matched to it at settlement."""

    INPATIENT = "INPATIENT"
    SURGERY = "SURGERY"
    DRUGS = "DRUGS"
    OTHER = "OTHER"


class DayKind(StrEnum):
    """What kind of day it is, by the table of working days."""

    WORKING = "working"
    ADJUSTED = "adjusted"  # Saturday or Sunday that is worked in exchange for a holiday (调休)
    WEEKEND = "weekend"
    HOLIDAY = "holiday"

    @property
    def is_worked(self) -> bool:
        """Do review deadlines count this day?"""
        return self in (DayKind.WORKING, DayKind.ADJUSTED)


class Stage(StrEnum):
    """When rules are asked: for an application, or for the payout itself."""

    APPLICATION = "APPLICATION"
    PAYOUT = "PAYOUT"


class GapRule(StrEnum):
    """What a month without contribution that was paid later does to a run of months."""

    RESETS = "RESETS"  # the run begins anew after it
    BRIDGES = "BRIDGES"  # it does not count, and does not end the run
    COUNTS = "COUNTS"  # it counts like any other


class LeapDay(StrEnum):
    """The anniversary of 29 February in a year without one."""

    FEBRUARY_28 = "02-28"
    MARCH_1 = "03-01"


class Rounding(StrEnum):
    """How a ratio of a balance becomes whole fen; an offer always goes down to the note multiple."""

    DOWN = "DOWN"
    HALF_UP = "HALF_UP"


class Transition(StrEnum):
    """What a new version does to approvals given under an earlier one; in order of strictness."""

    KEEP = "KEEP"
    RE_REVIEW = "RE_REVIEW"
    CANCEL = "CANCEL"


class FundPart(StrEnum):
    """Parts of the personal account that a draw takes from, in the order that the policy sets."""

    CARRIED_OVER = "CARRIED_OVER"  # credited in earlier years
    CURRENT_YEAR = "CURRENT_YEAR"


class LowBalance(StrEnum):
    """What happens to an application for more than the present balance."""

    WARN = "WARN"
    BLOCK = "BLOCK"


class Suspended(StrEnum):
    """What supervision has suspended; counts on the next message."""

    PERSON = "PERSON"
    LEGAL_HOLD = "LEGAL_HOLD"
    RECOVERY_DUE = "RECOVERY_DUE"
    PROVIDER = "PROVIDER"
    TERMINAL = "TERMINAL"
    HOME_REGION = "HOME_REGION"
    PLACE_REGION = "PLACE_REGION"


class Rule(StrEnum):
    """The names of the rules, as field 63, stored decisions and the terminal's texts use them."""

    SERVICE = "service"
    PILOT = "pilot"
    PILOT_SUM = "pilot_sum"
    CROSS_CITY = "cross_city"
    SUSPENSION = "suspension"
    ACCOUNT_STATE = "account_state"
    OWN_LOCK = "own_lock"
    PROVIDER = "provider"
    CHANNEL = "channel"
    PAYOUT_MODE = "payout_mode"
    HOURS = "hours"
    PURPOSE = "purpose"
    PURPOSE_DETAIL = "purpose_detail"
    SITUATION = "situation"
    GROUP = "group"
    INSURED_YEARS = "insured_years"
    CONTRIBUTION_MONTHS = "contribution_months"
    HEALTH_STATUS = "health_status"
    DIAGNOSIS = "diagnosis"
    APPLICATION_REQUIRED = "application_required"
    APPLICATION_PLACE = "application_place"
    APPLICATION_PROVIDER = "application_provider"
    APPLICATION_MODE = "application_mode"
    TRANSITION = "transition"
    NOTE_MULTIPLE = "note_multiple"
    BALANCE = "balance"
    SINGLE_LIMIT = "single_limit"
    DAY_LIMIT = "day_limit"
    ANNUAL_LIMIT = "annual_limit"
    MODE_DAY_LIMIT = "mode_day_limit"
    MODE_ANNUAL_LIMIT = "mode_annual_limit"
    MINIMUM_REMAINDER = "minimum_remainder"
    RATIO = "ratio"
    VINTAGE = "vintage"
    APPLICATION = "application"  # what is left of it, or the standing approval
    OWN_LIMIT = "own_limit"
    REGION_DAY_CEILING = "region_day_ceiling"
    REGION_YEAR_CEILING = "region_year_ceiling"
    COUNT_DAY = "count_day"
    COUNT_MONTH = "count_month"
    COUNT_YEAR = "count_year"
    INTERVAL = "interval"


CORRECTABLE = frozenset({Rule.HEALTH_STATUS, Rule.DIAGNOSIS})
"""Rules that a further paper may satisfy: an application that fails only these is returned, not rejected."""
