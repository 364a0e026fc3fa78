"""A desk changes an address on a person's word: the person reads it, and the former address hears of it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from demo import journey
from tests.e2e.system import System, at_the_beginning, through

NEW = "ergens.anders@hto.example"
NOTE = "Belde zelf vanaf het bekende nummer."


async def test_the_former_address_hears_of_what_a_desk_changed_on_a_persons_word(on_postgresql: System) -> None:
    on = on_postgresql.stage()
    await at_the_beginning(on)
    await through(on, journey.a_technician_applies)
    path, before = f"/registry/v1/trainers/{on.cast.trainer}", on.cast.application["email"]
    now = await on.operator.get("/operations/v1/clocks/programme")
    said = {"how": "phone", "saidOn": now["nowAt"][:10], "note": NOTE}
    changed = {**on.cast.application, "email": NEW, "onTheirWord": said}
    await on.desk.change(path, changed)
    [given] = [one async for one in on.trainer.all("/registry/v1/given-words", trainerId=on.cast.trainer)]
    assert (given["act"], given["note"]) == ("correct", NOTE)
    letters: list[str] = []

    async def arrived() -> bool:
        folder = on_postgresql.settings.data_dir / "mail"
        mails = [message_from_bytes(file.read_bytes(), policy=default) for file in folder.glob("*.eml")]
        letters[:] = [mail.as_string() for mail in mails if mail["To"] == before and "gewijzigd" in mail["Subject"]]
        return bool(letters)

    await on.until("the former address has a letter", arrived)
    assert len(letters) == 1
    assert not any(word in letters[0] for word in (NEW, "ergens", NOTE, on.cast.application["name"]))
    for record in await on_postgresql.records():
        assert NOTE.encode() not in (record.value or b"")
        assert NEW.encode() not in (record.value or b"") or record.topic == "hto.registry.contacts"
