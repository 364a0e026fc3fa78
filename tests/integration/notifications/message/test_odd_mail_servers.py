"""A mail server that is slow, closes connections or breaks off: no letter stops another, and none is sent twice."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import pytest

from events.registry import TrainerAvailable
from notifications.message import tables
from notifications.message.channels import mail as mail_module
from notifications.message.channels.mail import NoMailServer, SmtpChannel, Tls, no_connection
from notifications.message.usecases.mailing import Letters
from notifications.message.usecases.recipients import erase_contact
from tests.integration.notifications.at_work import Cast, Notifications
from tests.support.plumbing import quicker, working
from tests.support.postgres import free_port
from tests.support.sample import eventually

PAUSE: Final = 0.6
_USUAL: Final = {"hello": "220 x", "data": "354 x", "quit": "221 x"}
Answers = Callable[[str, str, int], Awaitable[str | None]]
"""Given a verb (``hello`` before the first, ``taken`` after a letter), to whom it is, and how many letters came on this
connection: what the server says, "" for what a server says, None where it hangs up."""


class OddServer:
    """A mail server of few words."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.taken: list[str] = []
        """To whom, letter by letter."""
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        verb, to, letters = "hello", "", 0
        with suppress(OSError, asyncio.IncompleteReadError):
            while (words := await self._answers(verb, to, letters)) is not None:
                if verb == "taken":
                    self.taken.append(to)
                words = words or _USUAL.get(verb, "250 x")
                writer.write(f"{words}\r\n".encode())
                if words.startswith("421"):
                    break
                if words.startswith("354"):
                    await reader.readuntil(b"\r\n.\r\n")
                    verb, letters = "taken", letters + 1
                    continue
                verb, _, rest = (await reader.readline()).decode().strip().lower().partition(" ")
                if not verb:
                    break
                to = rest.partition("<")[2].partition(">")[0] if verb == "rcpt" else to
        writer.close()


@asynccontextmanager
async def odd(server: OddServer) -> AsyncIterator[SmtpChannel]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield SmtpChannel(host="127.0.0.1", port=listening.sockets[0].getsockname()[1], tls=Tls.OPPORTUNISTIC)
    finally:
        listening.close()


async def _owed(at_work: Notifications, number: int) -> list[str]:
    casts = [Cast() for _ in range(number)]
    for cast in casts:
        await at_work.hear(cast.contact("trainer", email=f"{cast.trainer}@example.org"), cast.event(TrainerAvailable))
    return [f"{cast.trainer}@example.org" for cast in casts]


@pytest.mark.parametrize("slow", ["hello", "ehlo", "mail", "taken"])
async def test_a_server_that_is_slow_gets_each_letter_once(
    at_work: Notifications, slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red with one short limit for every answer: what was taken slowly was sent again and again."""
    monkeypatch.setattr(mail_module, "TIMEOUT", PAUSE / 2, raising=False)
    monkeypatch.setattr(mail_module, "CONNECTED_WITHIN", PAUSE / 2, raising=False)

    async def answers(verb: str, to: str, letters: int) -> str:
        del to, letters
        await asyncio.sleep(PAUSE if verb == slow else 0)
        return ""

    server = OddServer(answers)
    owed = await _owed(at_work, 3)
    async with odd(server) as channel:
        assert await at_work.send(channel) == 3
    assert sorted(server.taken) == sorted(owed)


async def test_a_letter_that_is_dropped_while_the_server_lets_us_wait_is_not_sent(at_work: Notifications) -> None:
    """Seen red: it was looked at before there was a connection, and never after."""
    waits, go_on = asyncio.Event(), asyncio.Event()

    async def answers(verb: str, to: str, letters: int) -> str:
        del to, letters
        if verb == "hello":
            waits.set()
            await go_on.wait()
        return ""

    server, cast = OddServer(answers), Cast()
    await at_work.hear(cast.contact("trainer"), cast.event(TrainerAvailable))
    async with odd(server) as channel:
        with quicker(Letters, FRESH=0.0):
            sending = asyncio.create_task(at_work.send(channel))
            await waits.wait()
            async with at_work.database.begin(actor="test") as tx:
                await erase_contact(tx, cast.trainer)
            go_on.set()
            assert await sending == 0
    assert (server.taken, await at_work.rows(tables.outgoing)) == ([], [])


@pytest.mark.parametrize("closing", ["421 one letter is enough", None])
@pytest.mark.parametrize("at", ["rset", "taken and gone"])
async def test_a_server_that_closes_its_connections_costs_no_letter_an_attempt(
    at_work: Notifications, closing: str | None, at: str
) -> None:
    """Seen red: the next letter on that connection was put off."""

    async def answers(verb: str, to: str, letters: int) -> str | None:
        del to
        if letters and verb not in {"taken", "quit"}:
            return closing
        return "" if verb != "taken" or at == "rset" else "250 x\r\n421 goodbye"

    server = OddServer(answers)
    owed = await _owed(at_work, 4)
    async with odd(server) as channel:
        with quicker(Letters, AT_ONCE=1):
            assert await at_work.send(channel) == 4
    assert sorted(server.taken) == sorted(owed)
    assert server.connections == 4


@pytest.mark.parametrize(
    ("at", "words", "reason"),
    [
        ("rcpt", "550 nobody", None),
        ("rcpt", "450 later", "put off with 450"),
        ("rcpt", "421 closing", "answered 421"),
        ("data", None, "connection closed"),
        ("taken", None, "connection closed"),
    ],
)
async def test_one_letter_that_a_server_does_not_take_stops_no_other(
    at_work: Notifications, at: str, words: str | None, reason: str | None
) -> None:
    """Seen red for 421: its reason was none of those that the API names."""
    bad, *good = await _owed(at_work, 6)

    async def answers(verb: str, to: str, letters: int) -> str | None:
        del letters
        return words if (verb, to) == (at, bad) else ""

    server = OddServer(answers)
    async with odd(server) as channel:
        with quicker(Letters, AT_ONCE=1):
            assert await at_work.send(channel) == (5 if reason else 6)
    assert sorted(server.taken) == sorted(good)
    left = [(row.attempts, row.reason) for row in await at_work.rows(tables.outgoing)]
    assert left == ([(1, reason)] if reason else [])


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        ("421 go away", "answered 421"),
        ("999 what", "answer cannot be read"),
        ("nonsense", "answer cannot be read"),
        (None, "connection closed"),
    ],
)
async def test_the_log_says_in_words_why_a_mail_server_is_away(greeting: str | None, reason: str) -> None:
    """Seen red: it named a class of the mail library, such as SMTPResponseException."""

    async def answers(verb: str, to: str, letters: int) -> str | None:
        del to, letters
        return greeting if verb == "hello" else ""

    async with odd(OddServer(answers)) as channel:
        with pytest.raises(NoMailServer, match=reason):
            async with channel.open():
                pass


async def test_a_mail_server_that_is_not_there_has_another_reason_than_one_without_trust() -> None:
    for host, reason in (("127.0.0.1", "no connection"), ("no-such-server.invalid", "name not found")):
        with pytest.raises(NoMailServer, match=reason):
            async with SmtpChannel(host=host, port=free_port()).open():
                pass
    assert no_connection(ssl.SSLCertVerificationError("x")) == "no trusted TLS connection"


async def test_letters_that_a_server_thinks_about_for_long_hold_up_no_others(at_work: Notifications) -> None:
    """Seen red with four lanes and no more: the slow letters had them all."""
    owed = await _owed(at_work, 12)
    slow, release = set(owed[:8]), asyncio.Event()

    async def answers(verb: str, to: str, letters: int) -> str:
        del letters
        if verb == "taken" and to in slow:
            await release.wait()
        return ""

    server = OddServer(answers)
    async with odd(server) as channel:
        with quicker(Letters, SLOW=0.05, POLL=0.05):
            async with working(Letters(at_work.database, channel, at_work.settings).run()):

                async def the_others_are_sent() -> bool:
                    return set(owed) - slow == set(server.taken)

                await eventually(the_others_are_sent)
                release.set()

                async def all_are_sent() -> bool:
                    return await at_work.rows(tables.outgoing) == []

                await eventually(all_are_sent)
    assert sorted(server.taken) == sorted(owed)
