"""The TCP connection to the host, with real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drivers.link import LinkDown
from terminal.config import HostConfig, TlsConfig
from terminal.host_link import open_host_link

pytestmark = pytest.mark.real_time


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for `name`, which is its own authority; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@asynccontextmanager
async def echo_server(pem: Path | None = None) -> AsyncIterator[int]:
    """A server that says everything back until it hears `bye`; the port."""

    ended: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = asyncio.get_running_loop().create_future()
        ended.append(end)
        with suppress(OSError):
            while (data := await reader.read(100)) and data != b"bye":
                writer.write(data)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        end.set_result(None)

    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*ended)


def host(port: int, tls: TlsConfig | None = None) -> HostConfig:
    scheme = "tls" if tls else "socket"
    return HostConfig(url=f"{scheme}://127.0.0.1:{port}", terminal="33100001", merchant="331000012345678", tls=tls)


async def test_bytes_go_both_ways_over_tls(tmp_path: Path) -> None:
    pem = certificate(tmp_path, "host.example")
    async with echo_server(pem) as port:
        link = await open_host_link(host(port, TlsConfig(ca=pem, server_name="host.example")))

        await link.send(b"\x00\x37")

        assert await link.receive() == b"\x00\x37"
        link.close()


@pytest.mark.parametrize(("authority", "server_name"), [("other.example", "host.example"), ("host.example", "other")])
async def test_a_host_that_cannot_prove_itself_is_refused(tmp_path: Path, authority: str, server_name: str) -> None:
    pem = certificate(tmp_path, "host.example")
    ca = certificate(tmp_path, authority) if authority != "host.example" else pem
    async with echo_server(pem) as port:
        with pytest.raises(LinkDown, match="certificate is refused"):
            await open_host_link(host(port, TlsConfig(ca=ca, server_name=server_name)))


@pytest.mark.req("S1-43")
async def test_a_host_without_tls_is_never_talked_to_in_plain(tmp_path: Path) -> None:
    pem = certificate(tmp_path, "host.example")
    async with echo_server() as port:
        with pytest.raises(LinkDown):
            await open_host_link(host(port, TlsConfig(ca=pem, server_name="host.example")))


async def test_a_host_that_hangs_up_is_a_line_that_is_down() -> None:
    async with echo_server() as port:
        link = await open_host_link(host(port))
        await link.send(b"bye")

        with pytest.raises(LinkDown, match="closed"):
            await link.receive()
        link.close()
        with pytest.raises(LinkDown):
            await link.send(b"more")


async def test_closing_ends_a_wait() -> None:
    async with echo_server() as port:
        link = await open_host_link(host(port))
        waiting = asyncio.ensure_future(link.receive())
        await asyncio.sleep(0)
        link.close()

        with pytest.raises(LinkDown):
            await waiting


async def test_a_missing_authority_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LinkDown, match=r"nowhere\.pem"):
        await open_host_link(host(1, TlsConfig(ca=tmp_path / "nowhere.pem")))


async def test_nobody_listening_names_the_address() -> None:
    async with echo_server() as port:
        pass

    with pytest.raises(LinkDown, match=f"socket://127.0.0.1:{port}"):
        await open_host_link(host(port))
