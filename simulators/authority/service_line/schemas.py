"""What OpenAPI says of a number: request and answers as they go over the wire, each with an example."""

from functools import cache
from typing import Any, Literal, Union

from pydantic import BaseModel, create_model

from protocol.service_line.envelope import Answer, FaultAnswer, RefusedAnswer, Request
from protocol.service_line.service import Service

_ENVELOPE = {
    "msgid": "H37100000001202605201000000001",
    "mdtrtarea_admvs": "371000",
    "recer_sys_code": "MEDTELLER",
    "infver": "V1.0",
    "opter_type": "2",
    "opter": "K3710001",
    "inf_time": "2026-05-20 10:00:00",
}
_ANSWER = {
    "inf_refmsgid": "371000202605201000000000000017",
    "refmsg_time": "20260520100000123",
    "respond_time": "20260520100000130",
}


_make: Any = create_model
"""What it makes has the type that the functions below say; a type checker can't follow."""


@cache
def request_model(service: Service[Any, Any]) -> type[Request[Any]]:
    """The envelope around this number's input."""
    example = {"infno": service.infno, **_ENVELOPE, "input": _example(service.input)}
    base: Any = Request[service.input]  # type: ignore[name-defined]
    only: Any = Literal[service.infno]
    made = _make(
        f"Request{service.infno}",
        __base__=base,
        __doc__=f"{service.zh}: {service.en}.",
        infno=(only, ...),
    )
    made.model_config["json_schema_extra"] = {"examples": [example]}
    made.model_rebuild(force=True)
    return made  # type: ignore[no-any-return]


@cache
def answer_model(service: Service[Any, Any]) -> type[Answer[Any]]:
    """The envelope around this number's output."""
    example = {"infcode": 0, **_ANSWER, "err_msg": "", "output": _example(service.output)}
    base: Any = Answer[service.output]  # type: ignore[name-defined]
    made = _make(f"Answer{service.infno}", __base__=base, __doc__=f"{service.zh}: done.")
    made.model_config["json_schema_extra"] = {"examples": [example]}
    made.model_rebuild(force=True)
    return made  # type: ignore[no-any-return]


def answers(service: Service[Any, Any]) -> dict[int | str, dict[str, Any]]:
    """Every answer there can be, by HTTP status."""
    good: Any = Union[answer_model(service), RefusedAnswer]  # noqa: UP007  # made at run time
    return {
        200: {"model": good, "description": "Done (infcode 0), or refused by a rule (infcode -1)."},
        400: {"model": FaultAnswer, "description": "Malformed (infcode -2); `output` says where."},
        401: {"model": FaultAnswer, "description": "Not authenticated (infcode -3)."},
        403: {"model": RefusedAnswer, "description": "Not for this caller (infcode -1)."},
        411: {"model": FaultAnswer, "description": "The length of the body is not told (infcode -2)."},
        413: {"model": FaultAnswer, "description": "The body is too big (infcode -2)."},
    }


def about(service: Service[Any, Any]) -> str:
    """Who may ask, and whether it writes."""
    who = ", ".join(sorted(service.callers))
    once = "Done once for each `msgid`." if service.writes else "Changes nothing."
    return f"Callers: {who}. {once} {service.about}".strip()


def _example(model: type[BaseModel]) -> Any:
    extra = model.model_config.get("json_schema_extra")
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    return examples[0]
