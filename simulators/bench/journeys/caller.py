"""Somebody who asks the authority's service line: a person's app, a phone desk, a counter, an office.

Every request is a whole envelope that goes through the authority's own application, as over HTTPS.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import httpx

from protocol.service_line.envelope import (
    Answer,
    FaultAnswer,
    InfCode,
    OperatorType,
    Reason,
    RefusedAnswer,
    Request,
    dump,
    message_id,
)
from protocol.service_line.service import Service
from protocol.service_line.sessions import SIGN_ON, SignOnInput
from protocol.service_line.values import Body
from simulators.bench.journeys.narrator import Narrator

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)


class Unexpected(Exception):
    """The authority answered otherwise than the story says."""


class Caller:
    """Somebody at an official channel (`channel` None: from anywhere). `heard` has every envelope, both ways.

    `who` is what the story calls them; `institution` are the twelve characters that their message ids begin with.
    `after_a_while` lets some time pass and tells the time.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        after_a_while: Callable[[], datetime],
        narrator: Narrator,
        heard: list[bytes],
        *,
        who: str,
        opter: str,
        kind: OperatorType,
        region: str,
        institution: str,
        channel: str | None = None,
    ) -> None:
        self.who = who
        self._client = client
        self._after_a_while = after_a_while
        self._narrator = narrator
        self._heard = heard
        self._opter = opter
        self._kind = kind
        self._region = region
        self._institution = institution
        self._channel = channel
        self._sign_no: str | None = None
        self._serial = 0

    async def sign_on(self, password: str, code: Callable[[], str] | None = None) -> None:
        """With a password, and the code that was sent to the phone where one is needed. Raises Unexpected."""
        body = SignOnInput(opter_no=self._opter, password=password)
        self._sign_no = None
        if code is not None:
            await self.refused(SIGN_ON, body, "signs on with the password; a code is sent to the phone")
            body = body.model_copy(update={"second_factor": code()})
        words = "signs on with the password" if code is None else "signs on with password and code"
        self._sign_no = (await self.ask(SIGN_ON, body, words)).signinoutb.sign_no

    async def ask(self, service: Service[INPUT, OUTPUT], body: INPUT, words: str) -> OUTPUT:
        """What the authority answers to a request that it must not refuse. Raises Unexpected."""
        answer = await self._send(service, body, words)
        if answer["infcode"] != InfCode.GOOD:
            raise Unexpected(f"{self.who} {words}: {answer['err_msg']}")
        output: OUTPUT = Answer[service.output].model_validate(answer).output  # type: ignore[name-defined]
        self._narrator.says(self.who, "← done")
        return output

    async def refused(self, service: Service[INPUT, OUTPUT], body: INPUT, words: str) -> Sequence[Reason]:
        """All reasons for which the authority refuses; it must refuse. Raises Unexpected."""
        answer = await self._send(service, body, words)
        if answer["infcode"] == InfCode.GOOD:
            raise Unexpected(f"{self.who} {words}: it was done")
        kind = RefusedAnswer if answer["infcode"] == InfCode.REFUSED else FaultAnswer
        reasons = kind.model_validate(answer).output.reasons
        for reason in reasons:
            field = "" if reason.field is None else f"{reason.field}: "
            self._narrator.says(self.who, f"← not done: {field}{reason.text}")
        return reasons

    async def _send(self, service: Service[INPUT, OUTPUT], body: INPUT, words: str) -> dict[str, Any]:
        at = self._after_a_while()
        self._narrator.says(self.who, f"→ {service.infno} {service.zh}: {words}")
        self._serial += 1
        msgid = message_id(self._institution, at, self._serial)
        envelope = dump(
            Request[service.input](  # type: ignore[name-defined]
                infno=service.infno,
                msgid=msgid,
                mdtrtarea_admvs=self._region,
                dev_no=self._channel,
                opter_type=self._kind,
                opter=self._opter,
                inf_time=at,
                sign_no=self._sign_no,
                input=body,
            )
        )
        reply = await self._client.post(f"/service/{service.infno}", json=envelope)
        self._heard += [json.dumps(envelope, sort_keys=True).encode(), reply.content]
        answer: dict[str, Any] = reply.json()
        return answer
