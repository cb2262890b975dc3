"""8414 and 8415: a person reads what was told, nobody else's, and marks it read once."""

import pytest

from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.supervision.audit import acts
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of, visiting

OWN, OTHER = 1, 2
"""Persons by their rows: whoever visits, and somebody else."""


def told(line: Line, person_id: int, *numbers: str) -> None:
    with line.rooms.database.transaction() as connection:
        for number in numbers:
            gaps = {"number": number, "until": "2026-08-18"}
            assert notify(connection, person_id, Notice.APPROVED, f"application:{number}", line.at, gaps)


@pytest.mark.req("S2-54")
async def test_a_person_reads_the_own_notices_newest_first_and_marks_them_read_once(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    told(line, OWN, "1", "2")
    told(line, OTHER, "3")

    first = (await terminal.ask("8414", {**person, "limit": 1}))["output"]
    (newest,) = first["notices"]
    text = "Your application 2 is approved until 2026-08-18."
    assert (newest["kind"], newest["text_en"], newest["read"]) == ("approved", text, False)
    assert (first["unread"], first["more"]) == (2, True)

    marked = await terminal.ask("8415", {**person, "notices": [newest["notice"]]})
    assert marked["output"] == {"unread": 1}
    assert await line.send("8415", terminal.last) == marked
    (left,) = (await terminal.ask("8414", {**person, "unread": True}))["output"]["notices"]
    assert left["text"] == "您的申请1已批准,有效期至2026-08-18。"
    shown = (await terminal.ask("8414", person))["output"]
    assert ([each["read"] for each in shown["notices"]], shown["more"]) == ([True, False], False)


async def test_what_was_told_to_somebody_else_is_nobodys_to_mark_and_a_teller_reads_on_record(
    line: Line, kiosk: Kiosk
) -> None:
    terminal, person = await visiting(line, kiosk)
    told(line, OWN, "1")
    told(line, OTHER, "3")
    (own,) = (await terminal.ask("8414", person))["output"]["notices"]
    refused = await terminal.ask("8415", {**person, "notices": [own["notice"], own["notice"] + 1]})
    assert (refused["infcode"], keys_of(refused)) == (-1, ["number_unknown"])

    teller = await line.staff("t1", StaffRole.TELLER)
    by_id = {"mdtrt_cert_type": "02", "mdtrt_cert_no": JIA.id_number}
    assert (await teller.ask("8414", by_id))["output"]["unread"] == 1
    await teller.ask("8415", {**by_id, "notices": [own["notice"]]})
    assert line.status == 403
    with line.rooms.database.transaction() as connection:
        looked = acts(connection, event="looked at the notices")[-1]
    assert (looked.actor, looked.subject) == ("t1", f"person:{OWN}")
