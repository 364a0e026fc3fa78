"""Mail goes to a real SMTP server enciphered, or not at all unless the settings say otherwise."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common.runtime.settings import Settings
from notifications.message.channels.letters import Letter
from notifications.message.channels.mail import NoMailServer, SmtpChannel, Tls, channel_of, compose

SECRET = "tell-no-one"


@dataclass
class Server:
    """A mail server that takes everything, and every byte that came to it before it was enciphered."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    in_clear: bytearray = field(default_factory=bytearray)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.mails.append(envelope)
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, way: str, given: object) -> AuthResult:
        self.logins.append(given.password)  # type: ignore[attr-defined]
        return AuthResult(success=True)


class Recording(SMTP):
    """Keeps what is read from the wire until it is enciphered."""

    def data_received(self, data: bytes) -> None:
        if self.transport is None or self.transport.get_extra_info("sslcontext") is None:
            self.event_handler.in_clear.extend(data)
        super().data_received(data)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None, *, from_the_start: bool = False) -> AsyncIterator[Server]:
    found, loop = Server(), asyncio.get_running_loop()

    def protocol() -> SMTP:
        return Recording(
            found,
            tls_context=None if from_the_start else tls,
            authenticator=found.authenticate,
            auth_require_tls=False,
            loop=loop,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if from_the_start else None)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of its own for 127.0.0.1."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def of_the_server(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def mail() -> EmailMessage:
    return compose(
        message_id=UUID(int=1),
        sender="noreply@hto.example",
        to_name="Ø",
        to="jan@xn--bcher-kva.example",
        letter=Letter(subject="Onderwerp", text="Geheim\n", html="<p>Geheim</p>"),
        language="nl",
        at=datetime(2026, 9, 1, tzinfo=UTC),
    )


async def send(channel: SmtpChannel) -> None:
    async with channel.open() as sender:
        await sender.send(mail())


def channel(server: Server, tls: Tls, trust: ssl.SSLContext | None = None, *, logs_in: bool = True) -> SmtpChannel:
    account = {"username": "me", "password": SECRET} if logs_in else {}
    return SmtpChannel(host="127.0.0.1", port=server.port, tls=tls, trust=trust, **account)


@pytest.mark.parametrize("logs_in", [True, False])
async def test_a_server_without_starttls_gets_no_password_and_no_mail(logs_in: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with serving(None) as server:
        with pytest.raises(NoMailServer):
            await send(channel(server, Tls.STARTTLS, logs_in=logs_in))
        assert (server.mails, server.logins) == ([], [])
        assert b"AUTH" not in server.in_clear.upper()
        assert b"MAIL" not in server.in_clear.upper()


async def test_the_plain_scheme_of_the_settings_asks_for_starttls(tmp_path: Path) -> None:
    async with serving(None) as server:
        for scheme, arrives in (("smtp", 0), ("smtp+opportunistic", 1)):
            url = f"{scheme}://127.0.0.1:{server.port}"
            out = channel_of(Settings(database_url="postgresql://x/y", log_url="postgresql://x/y", mail_url=url))
            assert isinstance(out, SmtpChannel)
            if arrives:
                await send(out)
            else:
                with pytest.raises(NoMailServer):
                    await send(out)
            assert len(server.mails) == arrives


async def test_no_login_is_sent_without_encryption_even_where_mail_may_go_in_clear() -> None:
    async with serving(None) as server:
        with pytest.raises(NoMailServer):
            await send(channel(server, Tls.OPPORTUNISTIC))
        assert (server.mails, server.logins) == ([], [])
        assert b"AUTH" not in server.in_clear.upper()


@pytest.mark.parametrize("tls", Tls)
async def test_an_enciphered_server_gets_the_mail_for_exactly_its_recipient(
    tls: Tls, of_the_server: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    async with serving(of_the_server, from_the_start=tls is Tls.IMPLICIT) as server:
        await send(channel(server, tls, trust))
        (taken,) = server.mails
        assert (taken.mail_from, taken.rcpt_tos) == ("noreply@hto.example", ["jan@xn--bcher-kva.example"])
        assert server.logins == [SECRET.encode()]
        if tls is not Tls.IMPLICIT:
            assert SECRET.encode() not in server.in_clear
            assert b"AUTH" not in server.in_clear.upper()


@pytest.mark.parametrize("tls", Tls)
async def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(
    tls: Tls, of_the_server: ssl.SSLContext
) -> None:
    async with serving(of_the_server, from_the_start=tls is Tls.IMPLICIT) as server:
        with pytest.raises(NoMailServer):
            await send(channel(server, tls))
        assert (server.mails, server.logins) == ([], [])


def test_an_address_that_no_server_takes_is_refused_before_anything_is_sent() -> None:
    for address in ("jan..smit@b.example", ".a@b.example", "jan@bücher.example", "a@b.example, c@d.example"):
        with pytest.raises(ValueError, match="address"):
            compose(
                message_id=UUID(int=1),
                sender="noreply@hto.example",
                to_name="Jan",
                to=address,
                letter=Letter(subject="s", text="t", html="h"),
                language="nl",
                at=datetime(2026, 9, 1, tzinfo=UTC),
            )
