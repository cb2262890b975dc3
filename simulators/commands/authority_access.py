"""`medteller-sim authority terminal|channel|staff`: who may use the lines of an authority."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import IntegrityError

from simulators.authority.actors import SYSTEM
from simulators.authority.business_time import business_time
from simulators.authority.key_folder import kept_key, read_key
from simulators.authority.people.identity import find_person
from simulators.authority.service_line.channels import KEY_SIZE, register_channel, withdraw_channel
from simulators.authority.service_line.staff import (
    SHORTEST_PASSWORD,
    StaffMember,
    add_staff,
    change_staff,
    close_staff,
)
from simulators.authority.supervision.providers import Provider, authorise_provider, find_provider
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.commands.authority_opening import (
    DEFAULT_DATABASE,
    AsJson,
    DatabaseAt,
    KeysIn,
    PasswordFile,
    misused,
    now,
    opened,
    password_from,
)

terminal = typer.Typer(help="The terminals of an authority.", no_args_is_help=True)
channel = typer.Typer(help="Other official channels: apps, sites, counters, offices.", no_args_is_help=True)
staff = typer.Typer(help="Tellers, reviewers, policy makers, supervisors and auditors.", no_args_is_help=True)

RegionOption = Annotated[str, typer.Option("--region", metavar="NNNNNN", help="Six digits (GB/T 2260).")]


@terminal.command(
    "add",
    epilog="Example: medteller-sim authority terminal add K3710001 --merchant 371000000000001 --region 371000 "
    "--tmk-file K3710001.tmk",
)
def add_terminal(
    name: Annotated[str, typer.Argument(metavar="ID", help="Eight letters or digits, as in field 41.")],
    merchant: Annotated[str, typer.Option(metavar="NUMBER", help="The provider: 15 letters or digits, field 42.")],
    region: RegionOption,
    tmk_file: Annotated[
        Path, typer.Option(metavar="FILE", help="Terminal master key, 32 hex digits; made when it is not there.")
    ],
    sm4_tmk_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Master key for SM4 keys, 32 hex digits; then it may sign on with 013 too."),
    ] = None,
    service_key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Key for the service line, 64 hex digits; made when it is not there."),
    ] = None,
    cash_fen: Annotated[int, typer.Option(min=0, help="Notes it begins with, in fen.")] = 0,
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Admit a terminal to both lines and make its client certificate."""
    _check(r"[0-9A-Za-z]{8}", name, "a terminal's id has eight letters or digits")
    _check(r"[0-9A-Za-z]{15}", merchant, "a merchant number has 15 letters or digits")
    _check(r"[0-9]{6}", region, "a region has six digits")
    with opened(at, keys) as authority:
        service_key_file = service_key_file or authority.keys.folder / "clients" / f"{name}.service-key"
        certified = authority.keys.ca(now()).client(name)
        tmk, key = kept_key(tmk_file, 16), kept_key(service_key_file, KEY_SIZE)
        sm4_tmk = None if sm4_tmk_file is None else kept_key(sm4_tmk_file, 16)
        try:
            with authority.database.transaction() as connection:
                authority.authority.admit(connection, name, merchant, region, tmk, cash_fen, sm4_tmk)
                register_channel(
                    connection,
                    authority.hsm,
                    SYSTEM,
                    business_time(now()),
                    name,
                    ChannelKind.TERMINAL,
                    region,
                    merchant,
                    key,
                )
        except IntegrityError:
            misused(f"there is a terminal {name} already; its keys were not changed")
    files = {
        "tmk": tmk_file,
        **({} if sm4_tmk_file is None else {"sm4_tmk": sm4_tmk_file}),
        "service_key": service_key_file,
        "certificate": certified.certificate,
        "key": certified.key,
        "ca": authority.keys.folder / "ca.pem",
    }
    told = {"terminal": name, **{which: str(path.resolve()) for which, path in files.items()}}
    typer.echo(json.dumps(told) if as_json else "\n".join(f"{which:12} {value}" for which, value in told.items()))


@channel.command(
    "add", epilog="Example: medteller-sim authority channel add WEIHAI-OFFICE --kind office --region 371000"
)
def add_channel(
    name: Annotated[str, typer.Argument(metavar="ID", help="Up to 30 letters, digits, `.`, `_` or `-`: `dev_no`.")],
    kind: Annotated[ChannelKind, typer.Option(help="What it is; terminals are added with `terminal add`.")],
    region: RegionOption,
    provider: Annotated[str, typer.Option(help="Who runs it.")] = "authority",
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With a key (64 hex digits) all its requests are signed.")
    ] = None,
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Enter an official channel; a provider that is not in the register is entered as authorised."""
    _check(r"[0-9A-Za-z._-]{1,30}", name, "a channel's id has 1 to 30 letters, digits, `.`, `_` or `-`")
    _check(r"[0-9]{6}", region, "a region has six digits")
    _check(r"[0-9A-Za-z]{1,15}", provider, "a provider has 1 to 15 letters or digits")
    if kind is ChannelKind.TERMINAL:
        misused("a terminal is added with: medteller-sim authority terminal add")
    with opened(at, keys) as authority:
        key = None if key_file is None else read_key(key_file, KEY_SIZE)
        try:
            with authority.database.transaction() as connection:
                at_ = business_time(now())
                if find_provider(connection, provider) is None:
                    authorise_provider(connection, SYSTEM, at_, Provider(provider, provider, region, date.min))
                register_channel(connection, authority.hsm, SYSTEM, at_, name, kind, region, provider, key)
        except IntegrityError:
            misused(f"there is a channel {name} already; nothing was changed")
    typer.echo(json.dumps({"channel": name, "kind": kind}) if as_json else f"{kind} {name} is an official channel")


@channel.command("withdraw", epilog="Example: medteller-sim authority channel withdraw WEIHAI-OFFICE")
def withdraw(
    name: Annotated[str, typer.Argument(metavar="ID", help="A channel, or a terminal: then of the service line only.")],
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Take a channel out of the list of official ones for ever: it is refused on its next message."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        if not withdraw_channel(connection, SYSTEM, business_time(now()), name):
            misused(f"there is no official channel {name}; nothing was changed")
    typer.echo(json.dumps({"channel": name, "withdrawn": True}) if as_json else f"{name} is no official channel now")


TheirRegion = Annotated[str | None, typer.Option(metavar="NNNNNN", help="Their region; all regions without it.")]


@staff.command(
    "add", epilog="Example: medteller-sim authority staff add li --role reviewer --region 371000 --password-file li.txt"
)
def add_member(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Up to 30 letters, digits, `.`, `_` or `-`: `opter`.")],
    role: Annotated[StaffRole, typer.Option(help="What they may do.")],
    region: TheirRegion = None,
    person: Annotated[
        str | None,
        typer.Option(metavar="ID_NUMBER", help="Who that is, where insured: nobody decides for relatives or oneself."),
    ] = None,
    password_file: PasswordFile = None,
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Open an account for somebody of the staff."""
    _check(r"[0-9A-Za-z._-]{1,30}", name, "a name has 1 to 30 letters, digits, `.`, `_` or `-`")
    _check(r"[0-9]{6}", region or "000000", "a region has six digits")
    password = password_from(password_file, confirm=True)
    if len(password) < SHORTEST_PASSWORD:
        misused(f"a password has at least {SHORTEST_PASSWORD} characters")
    with opened(at, keys) as authority:
        try:
            with authority.database.transaction() as connection:
                insured = None if person is None else find_person(connection, authority.hsm, person)
                if person is not None and insured is None:
                    misused("nobody with that ID number is known; load them first with `authority people load`")
                member = StaffMember(name, role, region, insured)
                add_staff(connection, authority.hsm, SYSTEM, business_time(now()), member, password)
        except IntegrityError:
            misused(f"there is an account {name} already; nothing was changed")
    typer.echo(json.dumps({"staff": name, "role": role}) if as_json else f"{role} {name} may sign on")


@staff.command("change", epilog="Example: medteller-sim authority staff change li --role supervisor --region 371000")
def change_member(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An account that is open.")],
    role: Annotated[StaffRole, typer.Option(help="What they may do from now on.")],
    region: TheirRegion = None,
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody of the staff another role or region; they sign on again."""
    _check(r"[0-9]{6}", region or "000000", "a region has six digits")
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        if not change_staff(connection, SYSTEM, business_time(now()), name, role, region):
            misused(f"there is no open account {name}; nothing was changed")
    typer.echo(json.dumps({"staff": name, "role": role}) if as_json else f"{name} is {role} now")


@staff.command("close", epilog="Example: medteller-sim authority staff close li")
def close_member(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An account that is open.")],
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    as_json: AsJson = False,
) -> None:
    """Close an account for ever: whoever is signed on with it is heard no more."""
    with opened(at, keys) as authority, authority.database.transaction() as connection:
        if not close_staff(connection, SYSTEM, business_time(now()), name):
            misused(f"there is no open account {name}; nothing was changed")
    typer.echo(json.dumps({"staff": name, "closed": True}) if as_json else f"the account {name} is closed")


def _check(pattern: str, given: str, demand: str) -> None:
    if not re.fullmatch(pattern, given):
        misused(f"{given!r}: {demand}")
