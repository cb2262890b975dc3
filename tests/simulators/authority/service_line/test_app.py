"""The application: its errors, its sizes, and what its OpenAPI says."""

import asyncio
import threading
from typing import Any

import pytest

from protocol.service_line import SERVICES
from tests.simulators.authority.service_line.line import Line, keys_of


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"infno": "8406"}', b"[" * 100_000, b"\xff", b'{"input": NaN}'],
    ids=lambda body: repr(body[:12]),
)
async def test_what_is_no_request_is_malformed(line: Line, body: bytes) -> None:
    async with line.client() as client:
        answer = await client.post("/service/8406", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["infcode"] == -2
    assert answer.json()["output"]["reasons"]


async def test_every_field_that_is_wrong_is_named_and_none_of_it_is_repeated(line: Line) -> None:
    answer = await line.anybody().ask("8406", {"region": "secret"}, msgid="secret", opter_type="secret")

    fields = {reason["field"] for reason in answer["output"]["reasons"]}
    assert fields == {"msgid", "opter_type", "input.region"}
    assert "secret" not in str(answer)


async def test_the_number_must_be_that_of_the_path(line: Line) -> None:
    asked = line.anybody().envelope("9001", {})

    assert [reason["field"] for reason in (await line.send("8406", asked))["output"]["reasons"]] == ["infno"]


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
async def test_text_that_no_database_keeps_is_malformed(line: Line, text: str) -> None:
    import json

    asked = line.anybody().envelope("8406", {}, opter_name=text)
    async with line.client() as client:
        answer = await client.post(
            "/service/8406", content=json.dumps(asked), headers={"content-type": "application/json"}
        )

    assert (answer.status_code, answer.json()["infcode"]) == (400, -2)


async def test_a_body_that_is_too_big_or_of_unknown_length_is_not_read(line: Line) -> None:
    async def parts() -> Any:
        yield b"{}"

    async with line.client() as client:
        big = await client.post("/service/8406", content=b" " * (256 * 1024 + 1))
        unknown = await client.post("/service/8406", content=parts())
        nonsense = await client.post("/service/8406", content=b"", headers={"content-length": "9" * 5000})

    assert (big.status_code, keys_of(big.json())) == (413, ["too_big"])
    assert (unknown.status_code, keys_of(unknown.json())) == (411, ["length_missing"])
    assert nonsense.status_code == 413


async def test_other_paths_and_methods_are_told_in_the_envelope(line: Line) -> None:
    async with line.client() as client:
        nowhere = await client.post("/service/0000", json={})
        read = await client.get("/service/8406")

    assert (nowhere.status_code, keys_of(nowhere.json())) == (404, ["no_such_page"])
    assert (read.status_code, read.headers["allow"]) == (405, "POST")


async def test_a_number_that_needs_a_sign_on_says_so(line: Line) -> None:
    answer = await line.anybody().ask("9002", {"sign_no": "0" * 30, "opter_no": "guest"})

    assert (line.status, answer["infcode"], keys_of(answer)) == (401, -3, ["not_signed_on"])
    assert answer["err_msg"] == "请先签到(登录)"


async def test_answers_have_the_platforms_numbers_and_times(line: Line) -> None:
    answer = await line.anybody().ask("8406")

    assert answer["inf_refmsgid"].startswith("37100020260520100000")
    assert (answer["refmsg_time"], len(answer["inf_refmsgid"])) == ("20260520100000000", 30)


async def test_openapi_has_every_number_that_is_served_with_its_examples(line: Line) -> None:
    schema = line.app.openapi()

    for path, item in schema["paths"].items():
        infno = path.removeprefix("/service/")
        service = SERVICES[infno]
        operation = item["post"]
        assert service.zh in operation["summary"]
        assert set(operation["responses"]) >= {"200", "400", "401", "403", "413"}
        request = schema["components"]["schemas"][f"Request{infno}"]
        assert request["properties"]["infno"]["const"] == infno
        assert request["examples"][0]["infno"] == infno
        assert schema["components"]["schemas"][f"Answer{infno}"]["examples"][0]["infcode"] == 0


@pytest.mark.real_time
async def test_others_are_answered_while_the_description_is_made(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(line.app, "openapi", lambda: {"answered": answered.wait(10)})
    async with line.client() as client:
        described = asyncio.ensure_future(client.get("/openapi.json"))
        await asyncio.sleep(0)
        await line.anybody().ask("8406")
        answered.set()

        assert (await described).json() == {"answered": True}
