"""What is wrong, or odd, about policy files before anybody relies on them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulators.authority.policy.oddities import oddities
from simulators.authority.policy.policy_book import CALENDAR, PolicyBook, our_policies, policies_with
from simulators.authority.policy.policy_file import PolicyError, load_policy
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import Changes, Contacts
from simulators.authority.policy.words import Words, languages
from simulators.authority.policy.working_days import CalendarError, WorkingDays, load_tables, national


@dataclass(frozen=True, slots=True)
class Finding:
    """One file. With an error it can't be used; warnings are for people to judge."""

    path: Path
    policy: RegionPolicy | None
    error: str | None = None
    warnings: tuple[str, ...] = ()


def check(paths: Iterable[Path], today: date) -> tuple[Finding, ...]:
    """Look at files and at the files of directories, and whether a directory's versions fit together."""
    findings: list[Finding] = []
    for path in paths:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        calendar = _calendar(path / CALENDAR) if path.is_dir() else national()
        found = [_file(each, calendar, today) for each in files]
        if path.is_dir() and not any(each.error for each in found):
            found += _together(path)
        findings += found
    return tuple(findings)


def _file(path: Path, calendar: WorkingDays, today: date) -> Finding:
    if path.name == CALENDAR:
        try:
            load_tables(path)
        except CalendarError as error:
            return Finding(path, None, str(error))
        return Finding(path, None)
    try:
        policy = load_policy(path)
    except PolicyError as error:
        return Finding(path, None, str(error))
    return Finding(path, policy, None, tuple(_warnings(policy, calendar, today)))


def _together(directory: Path) -> list[Finding]:
    try:
        PolicyBook.load(directory)
        policies_with(directory)
    except PolicyError as error:
        return [Finding(directory, None, str(error))]
    return []


def _calendar(path: Path) -> WorkingDays:
    try:
        return WorkingDays({**national().years, **load_tables(path).years}) if path.is_file() else national()
    except CalendarError:
        return national()


def _warnings(policy: RegionPolicy, calendar: WorkingDays, today: date) -> Iterator[str]:
    last_year = today.year + 1 if policy.valid_to is None else min(policy.valid_to.year, today.year + 1)
    for year in range(max(policy.valid_from.year, today.year), last_year + 1):
        if calendar.is_provisional(year):
            yield f"there is no table of working days for {year}: weekdays and known feasts count, adjusted days do not"
    if policy.valid_to is not None and policy.valid_to < today:
        yield f"its last day was {policy.valid_to}"
    if policy.contacts == Contacts():
        yield "it has no contacts: add [contacts.medical] and [contacts.social]"
    yield from oddities(policy)
    ours = our_policies().in_force(policy.region, max(policy.valid_from, today))
    if ours is not None and ours != policy and ours.version == policy.version:
        yield f"the simulator has a version {policy.version} of this region too, which gives way to this file"
    for language in languages():
        words = Words(language, [policy])
        unnamed = [code for code in sorted(_codes(policy)) if words.name(code) == code]
        if unnamed:
            yield f"{', '.join(unnamed)} has no name in {language}: add it to [texts.{language}.names]"


def _codes(policy: RegionPolicy) -> set[str]:
    changes: list[Changes] = [policy.cross_city, policy.emergency, *policy.purposes.values()]
    changes += policy.situations.values()
    codes = {*policy.eligibility.groups, *policy.eligibility.health_codes, *policy.situations, *policy.groups}
    for each in changes:
        codes |= {*each.documents, *(each.eligibility.groups or ()), *(each.eligibility.health_codes or ())}
    return codes
