"""The program behind `medteller run`: a kiosk on its real ports, in front of its real host, on the whole screen."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial

from drivers.link import open_link
from drivers.reopening import ReopeningLink
from drivers.trace import Tracer
from drivers.trace_file import JsonLinesSink, TraceHeader
from terminal.assembly import ROLES, assemble, settings_of, traced_ports
from terminal.config import DeviceConfig, KioskConfig
from terminal.host_link import open_host_link
from terminal.journal import Entry, Journal
from terminal.kiosk.app import KioskApp
from terminal.log import configure
from terminal.service_client import open_service_line
from terminal.session import Session
from terminal.start_record import record_start, reset_by_watchdog, this_boot
from terminal.vault import open_vault


def run_kiosk(config: KioskConfig) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP. They end it as a power cut would, only with a last record in the journal.

    Raises ConfigError, JournalError, VaultError, OSError.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    private = os.open(config.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(private, "a", encoding="utf-8") as log_file, open_kiosk(config) as session:
        configure(config.log_level, log_file)
        KioskApp(session, lambda: serve(session)).run()


async def serve(session: Session) -> None:
    """Serve customers; SIGPWR is the battery's warning, SIGUSR1 says that the mains are back.

    What ends the program is heard here: a cancellation of the whole program, which is Python's way, can get lost in the
    screen's library while it is busy.
    """
    loop, serving = asyncio.get_running_loop(), asyncio.current_task()
    assert serving is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, serving.cancel)
    loop.add_signal_handler(signal.SIGPWR, session.power_failing)
    loop.add_signal_handler(signal.SIGUSR1, session.power_restored)
    await session.run()


@contextmanager
def open_kiosk(config: KioskConfig) -> Iterator[Session]:
    """A kiosk that is ready to run; ports open at their first use, and everything is closed at the end."""
    with ExitStack() as stack:
        trace = Tracer()
        if config.wire_trace is not None:
            header = TraceHeader(traced_ports(config), time.monotonic(), _now().isoformat(timespec="milliseconds"))
            sink = JsonLinesSink(config.wire_trace, header)
            stack.callback(sink.close)
            trace.add(sink)
        journal = Journal(config.journal, _now)
        stack.callback(journal.close)
        links = {role: _link(role, getattr(config.devices, role)) for role in ROLES}
        for link in links.values():
            stack.callback(link.close)
        equipment = assemble(
            config,
            links,
            partial(open_host_link, config.host),
            journal=journal,
            vault=open_vault(config.vault_key, os.urandom),
            now=_now,
            entropy=os.urandom,
            trace=trace,
            service=None if config.service is None else open_service_line(config, config.service, journal, _now),
        )
        stack.callback(equipment.money.close)
        record_start(journal, config.host.terminal, this_boot(), watchdog=reset_by_watchdog())
        yield Session(equipment)
        journal.write(Entry.STOPPED)


def _link(role: str, device: DeviceConfig) -> ReopeningLink:
    return ReopeningLink(partial(open_link, device.port, settings_of(role, device)))


def _now() -> datetime:
    return datetime.now().astimezone()
