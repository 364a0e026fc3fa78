"""Make what the containers prove themselves by: passwords, and certificates of an authority that forgets its key.

For development and acceptance; in production these come from elsewhere. Run as ``make_secrets.py FOLDER``: whatever
is there already stays, so that a database that was made with a password keeps it.
"""  # noqa: INP001 - a script

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVICES: Final = ("registry", "matching", "contracts", "notifications", "operations")
VALID_FOR: Final = dt.timedelta(days=825)
RENEWED_BEFORE: Final = dt.timedelta(days=30)
BROKER: Final = "broker"
"""The name in the broker's certificate, by which it and its controller know each other."""
ADMINISTRATOR: Final = "administrator"
"""The name in the certificate of who makes topics and gives rights."""
_READABLE: Final = 0o444  # each folder is a volume of its own, mounted only where it is needed


@dataclass(frozen=True)
class Authority:
    """Signs certificates while this process lives."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls) -> Authority:
        """Make one that trusts itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("hto development authority")
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            _builder(name, name, key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> str:
        """What others must trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str, hosts: Sequence[str] = ()) -> str:
        """Return a key and its certificate, for a server at these hosts and for a client, in one PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        # Python 3.13 takes no certificate that does not say which key signed it.
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            _builder(_name(name), self.certificate.subject, key)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(signer, critical=False)
        )
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False
            )
        certificate = builder.sign(self.key, hashes.SHA256())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pem.decode() + certificate.public_bytes(serialization.Encoding.PEM).decode() + self.pem


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))  # clocks differ
        .not_valid_after(now + VALID_FOR)
    )


def make_passwords(folder: Path) -> None:
    """Make a password for each service, the administrator of the log and the database server, where there is none."""
    for name in (*SERVICES, "admin", "postgres"):
        path = folder / name / "password"
        if not path.exists():
            _write(path, secrets.token_urlsafe(24))
    for name in (*SERVICES, "admin"):  # the server makes the roles, so it knows whose password is which
        _write(folder / "postgres" / name, (folder / name / "password").read_text())


def make_certificates(folder: Path, hosts: Sequence[str]) -> None:
    """Make all certificates together, where one is missing or runs out soon."""
    trusted, broker = folder / "trust" / "ca.pem", folder / "broker"
    made = [trusted, broker / "ca.pem", broker / "broker.pem", folder / "admin" / "client.pem"]
    if all(path.exists() for path in made):
        ends = x509.load_pem_x509_certificate(trusted.read_bytes()).not_valid_after_utc
        if ends - dt.datetime.now(dt.UTC) > RENEWED_BEFORE:
            return
    authority = Authority.new()
    for path in made[:2]:
        _write(path, authority.pem)
    _write(made[2], authority.issue(BROKER, hosts))
    _write(made[3], authority.issue(ADMINISTRATOR))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(_READABLE)


def main() -> None:
    """Make what is missing."""
    folder = Path(sys.argv[1])
    make_passwords(folder)
    make_certificates(folder, ["kafka", "localhost", "127.0.0.1"])


if __name__ == "__main__":
    main()
