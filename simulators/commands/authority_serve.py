"""`medteller-sim authority serve`: money line and service line of an authority, until it is stopped."""

import asyncio
import contextlib
import json
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import structlog
import typer

from simulators.authority.business_time import business_time
from simulators.authority.certificates import server_context
from simulators.authority.hsm import MacMethod
from simulators.authority.service_line.app import create_app
from simulators.authority.service_line.rooms import Rooms
from simulators.commands.authority_opening import (
    DEFAULT_DATABASE,
    AsJson,
    DatabaseAt,
    KeysIn,
    Opened,
    PoliciesIn,
    RiskIn,
    misused,
    now,
    opened,
)
from simulators.commands.authority_people import enrol_new, people_of
from simulators.commands.devices import address_of
from simulators.http_server import CantListen, http_server, shown

INTERRUPTED = 130
"""Exit code after Ctrl-C. SIGTERM is the proper end: 0."""

TICK = 60
"""Seconds between two looks at what has become due."""

_log = structlog.get_logger("authority")


def serve(
    at: DatabaseAt = DEFAULT_DATABASE,
    keys: KeysIn = None,
    policies: PoliciesIn = None,
    risk: RiskIn = None,
    people: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|ours", help="People to enrol who are not yet known; `ours`: those of the simulators."
        ),
    ] = None,
    money: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where terminals call; port 0: any.")] = "127.0.0.1:0",
    service: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where the service line listens; port 0: any.")
    ] = "127.0.0.1:0",
    tls: Annotated[
        bool, typer.Option("--tls/--no-tls", help="TLS on both lines; without it only at loopback addresses.")
    ] = True,
    client_certificates: Annotated[
        bool,
        typer.Option(
            "--client-certificates/--no-client-certificates",
            help="Only terminals with a certificate of this authority's CA may call on the money line.",
        ),
    ] = True,
    issuer_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Issuer's master key (32 hex digits): then chips must be genuine."),
    ] = None,
    mac: Annotated[
        MacMethod, typer.Option(help="How field 64 is made; with SM4 keys `x9.19` stands for their CBC-MAC.")
    ] = MacMethod.X9_19,
    as_json: AsJson = False,
) -> None:
    """Serve terminals and channels until SIGTERM or Ctrl-C."""
    try:
        places = address_of(money, "--money"), address_of(service, "--service")
    except ValueError as error:
        misused(str(error))
    if not tls and not all(host in ("127.0.0.1", "::1", "localhost") for host, _ in places):
        misused("without TLS both lines must be at a loopback address, such as 127.0.0.1")
    with opened(at, keys, policies, issuer_key, risk, mac) as authority:
        if people is not None:
            enrol_new(authority, people_of(people))
        try:
            code = asyncio.run(
                _serve(authority, *places, tls=tls, client_certificates=client_certificates, as_json=as_json)
            )
        except CantListen as error:
            misused(str(error))
    raise typer.Exit(code)


async def _serve(
    running: Opened,
    money: tuple[str, int],
    service: tuple[str, int],
    *,
    tls: bool,
    client_certificates: bool,
    as_json: bool,
) -> int:
    """Serve until a signal comes; the exit code. Raises CantListen, CertificateError."""
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stopped, code)
    context, certified, ca = None, None, None
    if tls:
        ca = running.keys.ca(now())
        certified = ca.server(dict.fromkeys((money[0], service[0], "localhost", "127.0.0.1", "::1")))
        context = server_context(ca, certified, client_certificates=client_certificates)
    app = create_app(Rooms(running.database, running.hsm, running.policies, now))
    certificate, key = (None, None) if certified is None else (certified.certificate, certified.key)
    ticking = asyncio.ensure_future(_tick(running))
    try:
        async with (
            _money_line(running, *money, context) as money_url,
            http_server(app, *service, certificate=certificate, key=key) as service_url,
        ):
            _tell(running, money_url, service_url, None if ca is None else ca.certificate, as_json=as_json)
            return await stopped
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


@contextlib.asynccontextmanager
async def _money_line(running: Opened, host: str, port: int, tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    """Raises CantListen."""
    try:
        server = await running.authority.serve_tcp(host, port, tls)
    except OSError as error:
        raise CantListen(f"can't listen at {host} port {port}: {error.strerror}; choose another --money") from None
    try:
        yield f"{'socket' if tls is None else 'tls'}://{shown(host)}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _tick(running: Opened) -> None:
    """What becomes due by the clock is done each minute; a failure is told and tried again."""
    while True:
        try:
            running.authority.do_what_is_due()
        except Exception as error:
            _log.error("what has become due could not be done", error=type(error).__name__)
        await asyncio.sleep(TICK)


def _tell(running: Opened, money: str, service: str, ca: Path | None, *, as_json: bool) -> None:
    """Where everything is."""
    where = {
        "money": money,
        "service": service,
        "openapi": f"{service}/openapi.json",
        "ca": None if ca is None else str(ca.resolve()),
        "keys": str(running.keys.folder.resolve()),
        "since": business_time(now()).isoformat(),
    }
    if as_json:
        print(json.dumps(where), flush=True)
        return
    print(f"money line    {money}")
    print(f"service line  {service}  (what it can do: {service}/docs)")
    print(f"trust         {where['ca'] or 'no TLS'}")
    print("Ctrl-C ends this.", flush=True)


def _stop(stopped: asyncio.Future[int], code: int) -> None:
    if not stopped.done():
        stopped.set_result(code)
