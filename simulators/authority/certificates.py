"""A development CA: made at first use, it certifies the authority's server and, by name, its terminals.

For benches and tests. A production authority has certificates from a CA whose key is in a hardware module.
"""

import ipaddress
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_LIFETIME = timedelta(days=3650)
LIFETIME = timedelta(days=825)

_CA_NAME = "medteller development CA"


class CertificateError(Exception):
    """Certificates can't be read or made; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


class DevelopmentCa:
    """The CA of a folder, made when it is not there: `ca.pem`, `ca.key`. `now` must know its zone."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder = folder
        self._now = now
        own = Certified(folder / "ca.pem", folder / "ca.key")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not own.certificate.exists():
                key = generate_private_key(SECP256R1())
                _write_key(own.key, key)
                _write(own.certificate, self._signed(_CA_NAME, key, key, ca=True).public_bytes(Encoding.PEM))
            loaded = load_pem_private_key(own.key.read_bytes(), None)
        except (OSError, ValueError) as error:
            raise CertificateError(f"the development CA in {folder} can't be used: {error}") from None
        if not isinstance(loaded, EllipticCurvePrivateKey):
            raise CertificateError(f"{own.key} is no key of a development CA; give another folder")
        self._key = loaded

    @property
    def certificate(self) -> Path:
        """What others trust (PEM)."""
        return self._folder / "ca.pem"

    def server(self, names: Iterable[str] = ("localhost", "127.0.0.1", "::1")) -> Certified:
        """The server's certificate for these names and addresses; made anew when it has not all of them or is old."""
        found = Certified(self._folder / "server.pem", self._folder / "server.key")
        wanted = tuple(dict.fromkeys(names))
        if not (found.certificate.exists() and self._serves(found.certificate, wanted)):
            self._issue(found, wanted[0], wanted, ExtendedKeyUsageOID.SERVER_AUTH)
        return found

    def client(self, name: str) -> Certified:
        """The certificate of a terminal, made at first use; its common name is the terminal's id."""
        found = Certified(self._folder / "clients" / f"{name}.pem", self._folder / "clients" / f"{name}.key")
        if not found.certificate.exists():
            self._issue(found, name, (), ExtendedKeyUsageOID.CLIENT_AUTH)
        return found

    def _serves(self, certificate: Path, names: tuple[str, ...]) -> bool:
        try:
            loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
            listed = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, x509.ExtensionNotFound):
            return False
        return loaded.not_valid_after_utc > self._now and set(map(_general_name, names)) <= set(listed)

    def _issue(self, to: Certified, name: str, names: Iterable[str], use: x509.ObjectIdentifier) -> None:
        key = generate_private_key(SECP256R1())
        to.key.parent.mkdir(parents=True, exist_ok=True)
        _write_key(to.key, key)
        _write(to.certificate, self._signed(name, key, self._key, names, use).public_bytes(Encoding.PEM))

    def _signed(
        self,
        name: str,
        key: EllipticCurvePrivateKey,
        by: EllipticCurvePrivateKey,
        names: Iterable[str] = (),
        use: x509.ObjectIdentifier | None = None,
        *,
        ca: bool = False,
    ) -> x509.Certificate:
        public = key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(_CA_NAME))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=1))
            .not_valid_after(self._now + (CA_LIFETIME if ca else LIFETIME))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
            .add_extension(_key_usage(ca=ca), critical=True)
        )
        if listed := [_general_name(each) for each in names]:
            builder = builder.add_extension(x509.SubjectAlternativeName(listed), critical=False)
        if use is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        return builder.sign(by, SHA256())


def server_context(ca: DevelopmentCa, server: Certified, *, client_certificates: bool) -> ssl.SSLContext:
    """TLS of a server; with `client_certificates` nobody is let in without one of this CA. Raises CertificateError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(server.certificate, server.key)
        if client_certificates:
            context.load_verify_locations(ca.certificate)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise CertificateError(f"{server.certificate} and its key can't be used: {error}") from None
    return context


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _write_key(path: Path, key: EllipticCurvePrivateKey) -> None:
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
