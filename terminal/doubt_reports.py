"""8114: the authority hears why nobody knows yet what was paid, so that a counter can tell the person.

Each open item is reported once. What is to be told is in the journal already, with the item and its approval; how far
the report has got is there too, so that one without an answer is sent again under its message id, also by the next
start. Once people have counted, the confirm or reversal tells more than any report.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from protocol.service_line.withdrawals import DOUBT, MOST_WORDS, DoubtInput
from terminal import suspense
from terminal.equipment import Equipment
from terminal.journal import Entry, Record
from terminal.log import log
from terminal.service_line import MessageName, NoService, has_no_answer


async def report_doubts(equipment: Equipment) -> None:
    """Send what is due; where nobody answers it stays due."""
    line, journal = equipment.service, equipment.journal
    if line is None or not suspense.open_visits(journal):
        return
    references = {approval.transaction: approval.reference for approval in equipment.money.open_approvals}
    reports = _reports(journal.records(Entry.SERVICE_REQUEST, Entry.SERVICE_ANSWER))
    for item in suspense.open_items(journal.records(*suspense.KINDS)):
        report = reports.get(item.visit, _Report())
        if report.is_over or item.visit not in references:
            continue
        try:
            told = DoubtInput(
                reference=references[item.visit],
                cause=item.cause[:MOST_WORDS],
                asked=sum(item.mix.values()),
                phase=item.phase,
                notes=item.notes,
                counted=item.counted,
            )
        except ValidationError as error:
            log.warning("notes in doubt can't be reported", visit=item.visit, cause=str(error.errors()[0]["loc"]))
            continue
        if isinstance(await line.ask(DOUBT, told, visit=item.visit, again=report.name), NoService):
            return


@dataclass(frozen=True, slots=True)
class _Report:
    name: MessageName | None = None
    is_over: bool = False


def _reports(records: Iterable[Record]) -> dict[str, _Report]:
    found: dict[str, _Report] = {}
    for record in records:
        if record.transaction is not None and record.data["infno"] == DOUBT.infno:
            is_over = record.kind == Entry.SERVICE_ANSWER and not has_no_answer(record)
            found[record.transaction] = _Report(MessageName.of(record), is_over)
    return found
