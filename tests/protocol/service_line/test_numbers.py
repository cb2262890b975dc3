"""The table of numbers: complete rows, examples that are right, schemas that can be drawn."""

from typing import Any

import pytest

from protocol.service_line import SERVICES, Answer, Caller, Request, Service
from protocol.service_line.values import Body

OURS = {"8101", "8102", "8103", "8104", "8201", "8202", "8301", "8401"}
PLATFORMS = {"1101", "9001", "9002", "9101", "9102"}


def examples(model: type[Body]) -> list[dict[str, Any]]:
    extra = model.model_config.get("json_schema_extra")
    assert isinstance(extra, dict)
    return [dict(each) for each in extra["examples"] if isinstance(each, dict)]  # type: ignore[union-attr]


def test_the_table_has_the_numbers_that_were_agreed() -> None:
    assert set(SERVICES) >= OURS | PLATFORMS
    assert all(infno == service.infno for infno, service in SERVICES.items())
    assert all(infno.startswith("8") or infno in PLATFORMS for infno in SERVICES)


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.infno)
def test_every_body_has_an_example_that_it_accepts(service: Service[Any, Any]) -> None:
    for model in (service.input, service.output):
        assert model.__doc__
        for example in examples(model):
            body = model.model_validate(example)
            assert model.model_validate(body.model_dump(mode="json", exclude_none=True)) == body


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.infno)
def test_every_number_has_a_schema_for_both_directions(service: Service[Any, Any]) -> None:
    request = Request[service.input].model_json_schema()  # type: ignore[name-defined]
    answer = Answer[service.output].model_json_schema(mode="serialization")  # type: ignore[name-defined]

    assert {"infno", "msgid", "mdtrtarea_admvs", "opter_type", "opter", "inf_time", "input"} == set(request["required"])
    assert "output" in answer["required"]


def test_of_what_is_open_to_everybody_only_a_registration_and_a_report_write() -> None:
    opened = [service for service in SERVICES.values() if Caller.ANYBODY in service.callers]

    assert {service.infno for service in opened} >= {"9001", "8401", "8402", "8403", "8404"}
    assert [service.infno for service in opened if service.writes] == ["8305", "8614"]
