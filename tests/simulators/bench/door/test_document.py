"""The requests in the document are real ones, and there is one for every room of the door."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.simulators.bench.door.standing import standing

pytestmark = pytest.mark.real_time

DOCUMENT = Path(__file__).parents[4] / "docs" / "control-door.md"


@dataclass(frozen=True)
class Request:
    """A curl command of the document."""

    method: str
    target: str
    body: object
    streams: bool


def requests() -> list[Request]:
    found = []
    for line in re.findall(r"^    (curl .*)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE):
        words = shlex.split(line)[1:]
        body = json.loads(words[words.index("--json") + 1]) if "--json" in words else None
        default = "GET" if body is None else "POST"
        method = words[words.index("-X") + 1] if "-X" in words else default
        found.append(Request(method, words[-1].removeprefix("localhost:8700"), body, "-N" in words))
    return found


async def test_every_request_of_the_document_is_understood(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        for request in requests():
            if request.streams:
                async with bench.door.stream(request.method, request.target) as stream:
                    assert stream.status_code == 200
                continue
            target = request.target.replace("wait=30", "wait=0")
            reply = await bench.door.request(request.method, target, json=request.body)
            # Nothing drives the devices here, so the world may refuse; no receipt was printed.
            allowed = reply.is_success or reply.status_code == 409 or "no receipt" in reply.text
            assert allowed, f"{request.method} {request.target}: {reply.text}"
        assert (await bench.send("GET", "/custody"))["conserved"]


async def test_every_room_of_the_door_is_in_the_document(tmp_path: Path) -> None:
    async with standing(tmp_path) as bench:
        paths = (await bench.send("GET", "/openapi.json"))["paths"]
    shown = {(request.method, request.target.partition("?")[0]) for request in requests()}

    missing = [
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if not any(
            method.upper() == shown_method and re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", path), target)
            for shown_method, target in shown
        )
    ]
    assert missing == []
