"""docs/service-line.md: its requests are answered, and its table is the table of numbers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from protocol.service_line import SERVICES, Caller
from simulators.authority.service_line.app import FAMILIES
from simulators.authority.tables.service_line import ChannelKind
from tests.simulators.authority.service_line.line import KEY, Line

DOCUMENT = (Path(__file__).parents[4] / "docs" / "service-line.md").read_text(encoding="utf-8")
REQUESTS = [json.loads(found) for found in re.findall(r"```json request\n(.*?)```", DOCUMENT, re.DOTALL)]


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: asked["infno"])
async def test_every_request_of_the_document_is_answered(line: Line, asked: dict[str, Any]) -> None:
    line.register("K0000001", ChannelKind.TERMINAL, KEY)

    assert (await line.send(asked["infno"], asked))["infcode"] == 0


def test_the_document_lists_every_number() -> None:
    rows = re.findall(r"^\| (\d{4}) \| (.*?) \| (.*?) \| (.*?) \| (yes|no) \|$", DOCUMENT, re.MULTILINE)

    def callers(service: Any) -> str:
        return "anybody" if Caller.ANYBODY in service.callers else ", ".join(sorted(service.callers))

    assert sorted(rows) == sorted(
        (infno, service.zh, service.en, callers(service), "yes" if service.writes else "no")
        for infno, service in SERVICES.items()
    )


def test_no_number_is_served_twice() -> None:
    served = [handler.service.infno for family in FAMILIES for handler in family]

    assert len(served) == len(set(served))
    assert set(served) <= set(SERVICES)
