"""The money line over TLS with certificates on both sides, with real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drivers.link import LinkDown
from protocol.money_line import Message, NetworkManagement, decode, encode
from simulators.authority.authority import Authority
from simulators.authority.certificates import Certified, DevelopmentCa, server_context
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from terminal.config import HostConfig, TlsConfig
from terminal.host_link import HostLink, open_host_link
from tests.simulators.authority.kiosk import TMK, WEIHAI, Clock

pytestmark = [pytest.mark.real_time, pytest.mark.req("S2-62", "S1-43")]

TERMINAL, MERCHANT = "K0000001", "371000000000001"


@pytest.fixture
def authority() -> Authority:
    """One that knows two terminals of one provider."""
    authority = Authority(Database(), SoftHsm(bytes(32), bytes), Clock().now)
    for terminal in (TERMINAL, "K0000002"):
        authority.register_terminal(terminal, MERCHANT, WEIHAI, TMK)
    return authority


@pytest.fixture
def ca(tmp_path: Path) -> DevelopmentCa:
    return DevelopmentCa(tmp_path / "ca", datetime.now(UTC))


@asynccontextmanager
async def listening(authority: Authority, ca: DevelopmentCa) -> AsyncIterator[int]:
    """The authority's port; nobody comes in without a certificate of `ca`."""
    context = server_context(ca, ca.server(), client_certificates=True)
    server = await authority.serve_tcp("127.0.0.1", 0, context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def config(port: int, ca: Path, own: Certified | None) -> HostConfig:
    tls = TlsConfig(ca=ca, certificate=own.certificate if own else None, key=own.key if own else None)
    return HostConfig(url=f"tls://127.0.0.1:{port}", terminal=TERMINAL, merchant=MERCHANT, tls=tls)


async def echo(link: HostLink) -> Message:
    """What the host says to an echo of the terminal."""
    await link.send(encode(NetworkManagement(stan=1, terminal=TERMINAL, merchant=MERCHANT, batch=1).to_message()))
    async with asyncio.timeout(10):
        return decode(await link.receive())


async def test_a_terminal_with_its_certificate_is_served(authority: Authority, ca: DevelopmentCa) -> None:
    async with listening(authority, ca) as port:
        link = await open_host_link(config(port, ca.certificate, ca.client(TERMINAL)))

        assert (await echo(link)).text(39) == "00"
        link.close()


async def test_a_terminal_with_anothers_certificate_is_refused_and_logged(
    authority: Authority, ca: DevelopmentCa
) -> None:
    async with listening(authority, ca) as port:
        link = await open_host_link(config(port, ca.certificate, ca.client("K0000002")))

        assert (await echo(link)).text(39) == "97"
        link.close()
    assert [incident.kind for incident in authority.incidents()] == ["another's certificate"]


async def test_a_host_of_another_authority_is_not_believed(
    authority: Authority, ca: DevelopmentCa, tmp_path: Path
) -> None:
    other = DevelopmentCa(tmp_path / "other", datetime.now(UTC))
    async with listening(authority, ca) as port:
        with pytest.raises(LinkDown, match="the host's certificate is refused"):
            await open_host_link(config(port, other.certificate, ca.client(TERMINAL)))


async def refused(port: int, ca: DevelopmentCa, own: Certified | None) -> str:
    """The words of the terminal that is not let in."""
    link = await open_host_link(config(port, ca.certificate, own))
    try:
        with pytest.raises(LinkDown) as caught:
            await echo(link)
    finally:
        link.close()
    return str(caught.value)


async def test_nobody_comes_in_without_a_certificate(authority: Authority, ca: DevelopmentCa) -> None:
    async with listening(authority, ca) as port:
        assert "host.tls.certificate" in await refused(port, ca, None)


async def test_a_certificate_of_another_authority_opens_nothing(
    authority: Authority, ca: DevelopmentCa, tmp_path: Path
) -> None:
    other = DevelopmentCa(tmp_path / "other", datetime.now(UTC))
    async with listening(authority, ca) as port:
        assert "host.tls.certificate" in await refused(port, ca, other.client(TERMINAL))


async def test_an_expired_certificate_opens_nothing(authority: Authority, ca: DevelopmentCa, tmp_path: Path) -> None:
    then = DevelopmentCa(tmp_path / "ca", datetime.now(UTC) - timedelta(days=1000))
    async with listening(authority, ca) as port:
        assert "not expired" in await refused(port, ca, then.client(TERMINAL))


def test_private_keys_are_readable_by_their_owner_only(ca: DevelopmentCa) -> None:
    for key in (ca.client(TERMINAL).key, ca.server().key, ca.certificate.with_suffix(".key")):
        assert key.stat().st_mode & 0o077 == 0
