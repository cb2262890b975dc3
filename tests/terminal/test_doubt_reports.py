"""Notes in doubt are reported until there is an answer, under one message id; tests/scenarios has the whole story."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers.interfaces import Unknown
from protocol.service_line.envelope import Reason
from protocol.service_line.information import Done
from terminal.doubt_reports import report_doubts
from terminal.journal import Entry
from terminal.service_line import NoService, Refused, ServiceLine, ServiceLineSettings
from tests.terminal.fakes import FakeKiosk

SILENCE = NoService("no answer in time")
SETTINGS = ServiceLineSettings("33100001", "331000", "331000012345", 10.0, bytes(32))


class Scripted(ServiceLine):
    """A line whose answers are written down before; the last one comes again and again."""

    def __init__(self, kiosk: FakeKiosk, *answers: object) -> None:
        super().__init__(httpx.AsyncClient(), kiosk.journal, SETTINGS, kiosk.world.now)
        self._sign_no = "signed on"
        self.answers, self.sent = list(answers), list[tuple[str, Any]]()

    async def _sent(self, service: Any, body: Any, msgid: str) -> Any:
        self.sent.append((msgid, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def in_doubt(folder: Path, *answers: object) -> tuple[FakeKiosk, Scripted]:
    """A kiosk whose dispenser did not answer, on a line that came up afterwards."""
    kiosk = FakeKiosk(folder)
    kiosk.dispenser.script["dispense"] = [Unknown("no answer")]
    await kiosk.visit()
    kiosk.equipment.service = line = Scripted(kiosk, *answers)
    return kiosk, line


async def test_what_had_no_answer_is_sent_again_under_its_id_and_then_no_more(tmp_path: Path) -> None:
    kiosk, line = await in_doubt(tmp_path, SILENCE, SILENCE, Done())
    for _ in range(4):
        await report_doubts(kiosk.equipment)

    assert len(line.sent) == 3, "one attempt sends twice, and the answer ends it"
    assert len({msgid for msgid, _ in line.sent}) == 1
    (report,) = {body for _, body in line.sent}
    assert (report.asked, report.phase) == (5, None)
    assert len(kiosk.records(Entry.SERVICE_REQUEST)) == 1


@pytest.mark.parametrize("answer", [Done(), Refused((Reason(key="number_unknown", text="", text_en=""),))])
async def test_any_answer_ends_it_also_for_the_next_start(tmp_path: Path, answer: object) -> None:
    kiosk, _ = await in_doubt(tmp_path, answer)
    await report_doubts(kiosk.equipment)
    kiosk = kiosk.restarted()
    kiosk.equipment.service = line = Scripted(kiosk, answer)

    await kiosk.visit(first=False)

    assert line.sent == []


async def test_where_nothing_is_in_doubt_nobody_is_asked(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    await kiosk.visit()
    kiosk.equipment.service = line = Scripted(kiosk, Done())

    await report_doubts(kiosk.equipment)

    assert line.sent == []
