"""The development CA: who trusts whom, looked at in handshakes in memory."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulators.authority.certificates import CertificateError, Certified, DevelopmentCa, server_context

NOW = datetime.now(UTC)


def client(ca: Path, own: Certified | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> dict[str, object]:
    """What the server knows of the client afterwards. Raises SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=name)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return dict(there.getpeercert() or {})


@pytest.mark.req("S1-43", "S2-62")
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_terminal_and_authority_know_each_other(tmp_path: Path, name: str) -> None:
    ca = DevelopmentCa(tmp_path / "keys", NOW)
    server = server_context(ca, ca.server(), client_certificates=True)

    known = handshake(server, client(ca.certificate, ca.client("K3710001")), name)
    assert known["subject"] == ((("commonName", "K3710001"),),)


@pytest.mark.req("S2-62")
def test_strangers_are_not_let_in(tmp_path: Path) -> None:
    ca, other = DevelopmentCa(tmp_path / "keys", NOW), DevelopmentCa(tmp_path / "others", NOW)
    server = server_context(ca, ca.server(), client_certificates=True)

    for own in (None, other.client("K3710001")):
        with pytest.raises(ssl.SSLError):
            handshake(server, client(ca.certificate, own), "localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, client(other.certificate, other.client("K3710001")), "localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, client(ca.certificate, ca.client("K3710001")), "example.org")


def test_a_server_for_anybody_asks_for_no_certificate(tmp_path: Path) -> None:
    ca = DevelopmentCa(tmp_path, NOW)

    assert (
        handshake(server_context(ca, ca.server(), client_certificates=False), client(ca.certificate), "localhost") == {}
    )


def test_what_was_made_stays_until_it_is_old_or_has_not_the_name(tmp_path: Path) -> None:
    ca = DevelopmentCa(tmp_path, NOW)
    first, own, terminal = (
        path.read_bytes() for path in (ca.server().certificate, ca.certificate, ca.client("K1").key)
    )

    again = DevelopmentCa(tmp_path, NOW)
    assert again.certificate.read_bytes() == own
    assert again.client("K1").key.read_bytes() == terminal
    assert again.server(["localhost"]).certificate.read_bytes() == first
    assert again.server(["localhost", "192.0.2.1"]).certificate.read_bytes() != first
    second = again.server(["localhost", "192.0.2.1"]).certificate.read_bytes()
    later = DevelopmentCa(tmp_path, NOW + timedelta(days=826))
    assert later.server(["localhost"]).certificate.read_bytes() != second


def test_private_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    ca = DevelopmentCa(tmp_path, NOW)

    for key in (tmp_path / "ca.key", ca.server().key, ca.client("K1").key):
        assert key.stat().st_mode & 0o077 == 0


def test_a_folder_that_holds_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "ca.key").write_text("no key")

    with pytest.raises(CertificateError, match="development CA in"):
        DevelopmentCa(tmp_path, NOW)
