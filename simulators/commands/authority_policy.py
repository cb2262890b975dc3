"""`medteller-sim authority policy`: check files, explain a decision, judge a draft by the past, activate it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.form import fen_of
from simulators.authority.applications.problems import Problem
from simulators.authority.business_time import SHANGHAI, business_time
from simulators.authority.ceilings import ceiling_use
from simulators.authority.database import Database
from simulators.authority.facts import with_register
from simulators.authority.policy.activation import Draft, NotActivated, follow, submit, waiting_drafts
from simulators.authority.policy.announcement import announce
from simulators.authority.policy.check import check as check_files
from simulators.authority.policy.combined import Query, combined_rule
from simulators.authority.policy.decision import Decision, decide
from simulators.authority.policy.policy_book import REGIONS, policies_with
from simulators.authority.policy.policy_file import PolicyError, load_policy, parse_policy, read_text
from simulators.authority.policy.question import Approved, Ask, Facts
from simulators.authority.policy.simulation import Simulation, simulate
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail, Stage
from simulators.authority.policy.words import DEFAULT_LANGUAGE, Words, yuan
from simulators.authority.service_line.refusal import Fault, NotAuthenticated
from simulators.authority.service_line.rooms import SessionRules
from simulators.authority.service_line.staff import sign_in
from simulators.commands.authority_explanation import explained
from simulators.commands.authority_opening import (
    DEFAULT_DATABASE,
    AsJson,
    DatabaseAt,
    KeysIn,
    PasswordFile,
    PoliciesIn,
    misused,
    now,
    opened,
    password_from,
)

_NOT_SIGNED_IN = {
    Fault.WRONG_CREDENTIALS: "no such account, or another password; `medteller-sim authority staff add` opens one",
    Fault.LOCKED: "too many wrong passwords; the account is locked for a while",
}

FAILED = 1
"""Exit code: a file can't be used, a draft was not taken, or a decision refuses."""

policy = typer.Typer(help="Rules as data: check, explain, simulate and activate them.", no_args_is_help=True)

DraftFile = Annotated[Path, typer.Argument(metavar="FILE", help="The draft: one policy file (docs/policy.md).")]


@policy.command(
    epilog="Example: medteller-sim authority policy check my-policies/. Exit code 0: all can be used; 1: one can't be."
)
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE|DIR]...", help="Policy files; ours without any.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Can these policy files be used? Tells everything that is wrong, with file, key and what to do."""
    findings = check_files(paths or [REGIONS], business_time(now()).date())
    if as_json:
        rows = [
            {
                "file": str(each.path),
                "region": each.policy and each.policy.region,
                "version": each.policy and each.policy.version,
                "error": each.error,
                "warnings": each.warnings,
            }
            for each in findings
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
    for each in findings if not as_json else ():
        if each.error is not None:
            typer.echo(each.error, err=True)
            continue
        told = "calendar"
        if (found := each.policy) is not None:
            on = "on" if found.enabled else "off"
            told = f"{found.region} {found.name} {found.version} from {found.valid_from}, service {on}"
        typer.echo(f"{each.path}: good: {told}")
        for warning in each.warnings:
            typer.echo(f"  note: {warning}")
    if not findings:
        misused("there is no *.toml there; docs/policy.md shows one")
    raise typer.Exit(FAILED if any(each.error for each in findings) else 0)


@policy.command(
    epilog="Example: medteller-sim authority policy explain 371000 440300 --amount 3000 --balance 8000. "
    "Exit code 0: allowed; 1: refused; 2: wrong use."
)
def explain(
    home: Annotated[str, typer.Argument(help="Region where the person is insured, six digits.")],
    place: Annotated[str, typer.Argument(help="Region where the money is to be drawn.")],
    amount: Annotated[str | None, typer.Option(help="Yuan; a quote without it.")] = None,
    balance: Annotated[str | None, typer.Option(help="Yuan on the personal account; 10000 where nobody says.")] = None,
    approved: Annotated[str | None, typer.Option(help="Yuan left of an approved application.")] = None,
    proof: Annotated[bool, typer.Option("--proof", help="That application has proof of an emergency.")] = False,
    purpose: Annotated[Purpose, typer.Option(help="What the money is for.")] = Purpose.TREATMENT_AWAY,
    detail: Annotated[PurposeDetail | None, typer.Option(help="Which costs.")] = None,
    situation: Annotated[str | None, typer.Option(help="Situation code.")] = None,
    channel: Annotated[Channel, typer.Option(help="Where the person is served.")] = Channel.ATM,
    mode: Annotated[PayoutMode, typer.Option(help="Cash or transfer.")] = PayoutMode.CASH,
    stage: Annotated[Stage, typer.Option(help="A payout, or an application for one.")] = Stage.PAYOUT,
    provider: Annotated[str | None, typer.Option(help="Merchant number of the bank or platform.")] = None,
    at: Annotated[str | None, typer.Option(help="Shanghai time, as in 2026-05-20T10:00; now without it.")] = None,
    facts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Further facts as JSON, see docs/policy.md.")
    ] = None,
    policies: PoliciesIn = None,
    language: Annotated[str, typer.Option(help="Language of the texts.")] = DEFAULT_LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Tell the combined rule of two regions, and every rule evaluated for a person and an amount."""
    moment = _moment(at)
    try:
        book = policies_with(policies)
    except PolicyError as error:
        misused(str(error))
    found = [book.in_force(region, moment.date()) for region in (home, place)]
    if None in found:
        missing = [code for code, known in zip((home, place), found, strict=True) if known is None]
        misused(f"no policy is in force in {', '.join(missing)} on {moment:%Y-%m-%d}; known: {', '.join(book.regions)}")
    home_policy, place_policy = found
    assert home_policy is not None
    assert place_policy is not None
    known = _facts(facts, None if balance is None else _fen("--balance", balance))
    if approved is not None:
        told = Approved(0, _fen("--approved", approved), purpose, detail, situation, proof=proof)
        known = replace(known, application=told)
    amount_fen = None if amount is None else _fen("--amount", amount)
    ask = Ask(moment, amount_fen, channel, mode, purpose, detail, situation, provider, stage)
    decision = decide(home_policy, place_policy, known, ask, book.calendar)
    query = Query(channel, mode, purpose, detail, situation, provider, language)
    rule = combined_rule(home_policy, place_policy, query, moment, book.calendar)
    if as_json:
        typer.echo(
            json.dumps({"combined": [asdict(item) for item in rule.items], **_told(decision)}, ensure_ascii=False)
        )
    else:
        for line in explained(rule, decision, language):
            typer.echo(line)
    raise typer.Exit(FAILED if decision.refused else 0)


@policy.command(
    name="simulate", epilog="Example: medteller-sim authority policy simulate draft.toml --since 2026-01-01"
)
def simulate_command(
    draft: DraftFile,
    database: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    policies: PoliciesIn = None,
    since: Annotated[str | None, typer.Option(metavar="DAY", help="First day, as in 2026-01-01.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Last day.")] = None,
    as_json: AsJson = False,
) -> None:
    """How many past payouts would have come out otherwise under a draft, and by which rule; changes nothing."""
    first, last = _day("--since", since), _day("--until", until)
    try:
        drafted = load_policy(draft)
    except PolicyError as error:
        misused(str(error))
    with opened(database, keys, policies) as authority, authority.database.transaction() as connection:
        follow(connection, authority.policies)
        register = with_register(authority.hsm)
        found = simulate(connection, drafted, authority.policies, register, first, last)
    _tell_simulation(found, as_json=as_json)


@policy.command(
    epilog="Example: medteller-sim authority policy activate draft.toml --by zhang, and later --by li. "
    "Exit code 0: signed or active; 1: not taken."
)
def activate(
    draft: DraftFile,
    by: Annotated[str, typer.Option(metavar="NAME", help="A policy maker of the staff; a second one activates.")],
    password_file: PasswordFile = None,
    database: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    policies: PoliciesIn = None,
    language: Annotated[str, typer.Option(help="Language of the messages.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Sign a draft; when two different people have signed the same file it is active from its first day."""
    password = password_from(password_file)
    at = business_time(now())
    try:
        text = read_text(draft)
        with opened(database, keys, policies) as authority:
            actor = _signed_in(authority.database, by.strip(), password, at)
            with authority.database.transaction() as connection:
                follow(connection, authority.policies)
                before = authority.policies.in_force(parse_policy(text, str(draft)).region, at.date())
                signed = submit(connection, actor, at, authority.policies, text, str(draft))
                told = 0
                if signed.is_active:
                    told = announce(connection, signed.policy, None if before is None else before.version, at)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    except NotActivated as error:
        words = Words(language)
        for problem in error.problems:
            typer.echo(f"{draft}: {problem.field}: {words.say(f'fault.{problem.key}', value=problem.value)}", err=True)
        raise typer.Exit(FAILED) from None
    _tell_draft(signed, told, as_json=as_json)


def _signed_in(database: Database, name: str, password: str, at: datetime) -> Actor:
    """Whose password that is; a wrong one is counted, and ends the command."""
    with database.transaction() as connection:
        try:
            member = sign_in(connection, SessionRules(), name, password, at)
        except NotAuthenticated as error:
            told = _NOT_SIGNED_IN[error.fault]
        else:
            return Actor(Role(member.role), member.id, member.region, member.person_id)
    typer.echo(f"{name}: {told}", err=True)
    raise typer.Exit(FAILED)


@policy.command(epilog="Example: medteller-sim authority policy waiting --database authority.db")
def waiting(database: DatabaseAt = DEFAULT_DATABASE, keys: KeysIn = None, as_json: AsJson = False) -> None:
    """List drafts that wait for a second person."""
    with opened(database, keys) as authority, authority.database.transaction() as connection:
        drafts = waiting_drafts(connection)
    rows = [_draft_row(each) for each in drafts]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
    for row in rows if not as_json else ():
        typer.echo(
            f"draft {row['draft']}: {row['region']} {row['version']} from {row['valid_from']}, signed by {row['by']}"
        )


@policy.command(epilog="Example: medteller-sim authority policy usage 320200 --database authority.db")
def usage(
    region: Annotated[str, typer.Argument(help="Region code, six digits.")],
    database: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    policies: PoliciesIn = None,
    as_json: AsJson = False,
) -> None:
    """How much of its payout ceilings and of its pilot's quota a region has used today and this year."""
    today = business_time(now()).date()
    with opened(database, keys, policies) as authority, authority.database.transaction() as connection:
        follow(connection, authority.policies)
        found = authority.policies.in_force(region, today)
        if found is None:
            misused(f"no policy is in force in {region}; known: {', '.join(authority.policies.regions)}")
        used = ceiling_use(connection, found, today)
    if as_json:
        typer.echo(json.dumps(asdict(used)))
        return
    rows = (
        ("today", used.insured_today_fen, used.paid_today_fen, used.day_ceiling_fen),
        ("this year", used.insured_year_fen, used.paid_year_fen, used.year_ceiling_fen),
    )
    for when, insured_fen, paid_fen, ceiling_fen in rows:
        most = "no ceiling" if ceiling_fen is None else f"ceiling {yuan(ceiling_fen)} yuan"
        typer.echo(f"{when}: {yuan(insured_fen)} yuan by those insured there, {yuan(paid_fen)} yuan paid there; {most}")
    if used.pilot is not None:
        pilot = used.pilot
        typer.echo(f"pilot: {pilot.persons} persons, {pilot.draws} draws, {yuan(pilot.fen)} yuan")


def _told(decision: Decision) -> dict[str, Any]:
    return {
        "code": str(decision.code),
        "amount_fen": decision.amount_fen,
        "maximum_fen": decision.maximum_fen,
        "refused": [result.rule for result in decision.refused],
        "next_opening": decision.next_opening and decision.next_opening.isoformat(),
        "rules": [asdict(result) for result in decision.results],
    }


def _tell_simulation(found: Simulation, *, as_json: bool) -> None:
    if as_json:
        rows = {
            "judged": found.judged,
            "unjudged": found.unjudged,
            "same": found.same,
            "refused": len(found.refused),
            "refused_fen": found.refused_fen,
            "allowed": len(found.allowed),
            "allowed_fen": found.allowed_fen,
            "by_rule": dict(found.by_rule),
        }
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    typer.echo(f"{found.judged} past requests judged, {found.same} as they were")
    if found.unjudged:
        typer.echo(f"{found.unjudged} not judged: their versions are not known; give them with --policies")
    typer.echo(f"{len(found.refused)} would have been refused, {yuan(found.refused_fen)} yuan")
    words = Words("en")
    for rule, count in found.by_rule.most_common():
        typer.echo(f"  {count:6} by {rule}: {words.say(f'label.{rule}')}")
    typer.echo(f"{len(found.allowed)} would have been allowed, {yuan(found.allowed_fen)} yuan")
    for rule, count in found.by_rule_before.most_common():
        typer.echo(f"  {count:6} refused then by {rule}: {words.say(f'label.{rule}')}")


def _draft_row(draft: Draft) -> dict[str, Any]:
    return {
        "draft": draft.id,
        "region": draft.policy.region,
        "version": draft.policy.version,
        "valid_from": draft.policy.valid_from.isoformat(),
        "by": ", ".join(draft.signed_by),
        "active": draft.is_active,
    }


def _tell_draft(draft: Draft, told: int, *, as_json: bool) -> None:
    row = _draft_row(draft)
    if as_json:
        typer.echo(json.dumps({**row, "holders_told": told}, ensure_ascii=False))
    elif draft.is_active:
        typer.echo(
            f"{row['region']} {row['version']} is active from {row['valid_from']}, signed by {row['by']}; "
            f"{told} holders of open applications were told"
        )
    else:
        typer.echo(f"draft {row['draft']} waits for a second person; signed by {row['by']}")


def _facts(path: Path | None, balance_fen: int | None) -> Facts:
    """Those of a file; a balance given by hand comes before its own."""
    if path is None:
        return Facts(balance_fen=_BALANCE_FEN if balance_fen is None else balance_fen)
    try:
        given = json.loads(path.read_bytes())
        known = _FACTS.validate_json(path.read_bytes())
    except OSError as error:
        misused(f"{path}: {error.strerror}")
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        misused(f"{path}: not JSON: {error}")
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors())
        misused(f"{path}: {problems}")
    if unknown := sorted(_unknown(given, _FACTS.dump_python(known, mode="json"))):
        misused(f"{path}: there is no such key: {', '.join(unknown)}; known: {', '.join(Facts.__dataclass_fields__)}")
    if balance_fen is None and "balance_fen" not in given:
        balance_fen = _BALANCE_FEN
    return known if balance_fen is None else replace(known, balance_fen=balance_fen)


_FACTS = TypeAdapter(Facts)
_BALANCE_FEN = 1_000_000


def _unknown(given: Any, known: Any, where: str = "") -> Iterator[str]:
    """The keys of a JSON document that nothing was made of."""
    if isinstance(given, dict) and isinstance(known, dict):
        for key, value in given.items():
            if key in known:
                yield from _unknown(value, known[key], f"{where}{key}.")
            else:
                yield f"{where}{key}"
    elif isinstance(given, list) and isinstance(known, list):
        for number, (each, made) in enumerate(zip(given, known, strict=False)):
            yield from _unknown(each, made, f"{where}{number}.")


def _fen(option: str, text: str) -> int:
    """Yuan with at most two decimals."""
    fen = fen_of(text)
    if isinstance(fen, Problem):
        misused(f"{option} {text}: write yuan, as in 3000 or 3199.99")
    return fen


def _moment(text: str | None) -> datetime:
    if text is None:
        return business_time(now())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        misused(f"--at {text}: write a Shanghai time, as in 2026-05-20T10:00")
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else business_time(moment)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        misused(f"{option} {text}: write a day, as in 2026-01-01")
