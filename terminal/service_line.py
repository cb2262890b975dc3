"""The terminal's end of the service line: JSON over HTTPS in the national platform's envelope.

The rules of this line:

- It never touches cash. Whatever becomes of a question is a typed answer; nothing is raised.
- What writes has a message id of its own, in the journal before it leaves. When no answer comes it is sent once more
  with the same id: the authority does it once.
- Every request is signed with the terminal's channel key. The person is named by the reference of the answer that
  proved the PIN right; no number of a card goes over this line.
- Bodies are in no journal, log or trace: only the number, the message id, and how it ended.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from protocol.service_line.envelope import (
    Answer,
    FaultAnswer,
    InfCode,
    OperatorType,
    Reason,
    RefusedAnswer,
    Request,
    SignType,
    dump,
    message_id,
    signature,
)
from protocol.service_line.service import Service
from protocol.service_line.sessions import SIGN_ON, SignOnInput
from protocol.service_line.values import SHANGHAI, Body
from terminal.journal import Entry, Journal, Record
from terminal.log import log
from terminal.redaction import Json

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)

ATTEMPTS: Final = 2
"""How often one message is sent, with the same id."""

SERIALS: Final = 10_000
"""Message ids that one second has."""


@dataclass(frozen=True, slots=True)
class ServiceLineSettings:
    """Who asks: terminal, region of the treatment, institution (12 characters), and the channel's key."""

    terminal: str
    region: str
    institution: str
    reply_timeout: float
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageName:
    """What a message id is made of besides the institution, as it stands in the journal."""

    at: datetime
    serial: int

    @classmethod
    def of(cls, record: Record) -> "MessageName":
        """That of a SERVICE_REQUEST or SERVICE_ANSWER."""
        return cls(datetime.fromisoformat(record.data["at"]).astimezone(SHANGHAI), record.data["serial"])


@dataclass(frozen=True, slots=True)
class Refused:
    """The authority understood, and does not do it: for all these reasons. Nothing has changed."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NoService:
    """No answer that can be used. What writes may have been done."""

    cause: str


class ServiceLine:
    """The authority's services as the terminal sees them. `client` has the authority's address and our certificate."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        journal: Journal,
        settings: ServiceLineSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._journal = journal
        self._settings = settings
        self._now = now
        self._sign_no: str | None = None
        self._last = self._last_name()

    async def ask(
        self,
        service: Service[INPUT, OUTPUT],
        body: INPUT,
        *,
        visit: str | None = None,
        again: MessageName | None = None,
    ) -> OUTPUT | Refused | NoService:
        """Have a number answered; `visit` is whose business it is, for the journal.

        What had no answer before is sent `again` under its name; its body must be the same.
        """
        name = again or self._next_name()
        named: dict[str, Json] = {"infno": service.infno, "at": name.at.isoformat(), "serial": name.serial}
        if service.writes and again is None:
            self._journal.write(Entry.SERVICE_REQUEST, visit, **named)
        answer = await self._answered(service, body, self._id(name))
        if service.writes or isinstance(answer, NoService):
            self._journal.write(Entry.SERVICE_ANSWER, visit, **named, ended=_ended(answer))
        return answer

    async def close(self) -> None:
        """Give the connection up."""
        await self._client.aclose()

    async def _answered(self, service: Service[INPUT, OUTPUT], body: INPUT, msgid: str) -> OUTPUT | Refused | NoService:
        found: OUTPUT | Refused | NoService = NoService("not signed on")
        for _ in range(ATTEMPTS):
            if self._sign_no is None and (problem := await self._sign_on()) is not None:
                found = problem
                continue
            found = await self._sent(service, body, msgid)
            if not isinstance(found, NoService):
                return found
        return found

    async def _sign_on(self) -> NoService | None:
        terminal = self._settings.terminal
        answer = await self._sent(SIGN_ON, SignOnInput(opter_no=terminal), self._id(self._next_name()))
        match answer:
            case NoService():
                return answer
            case Refused(reasons):
                return NoService(f"the sign-on is refused: {', '.join(reason.key for reason in reasons)}")
            case _:
                self._sign_no = answer.signinoutb.sign_no
                return None

    async def _sent(self, service: Service[INPUT, OUTPUT], body: INPUT, msgid: str) -> OUTPUT | Refused | NoService:
        try:
            async with asyncio.timeout(self._settings.reply_timeout):
                reply = await self._client.post(f"/service/{service.infno}", json=self._signed(service, body, msgid))
            return self._read(service, reply.json())
        except TimeoutError:
            return NoService("no answer in time")
        except (httpx.HTTPError, OSError) as error:
            return NoService(f"{type(error).__name__}")
        except (ValidationError, ValueError):
            return NoService("an answer that is none")
        except Exception as error:  # a service line never stops a kiosk
            log.exception("service line")
            return NoService(type(error).__name__)

    def _signed(self, service: Service[INPUT, OUTPUT], body: INPUT, msgid: str) -> dict[str, object]:
        settings = self._settings
        envelope = dump(
            Request[service.input](  # type: ignore[name-defined]
                infno=service.infno,
                msgid=msgid,
                mdtrtarea_admvs=settings.region,
                dev_no=settings.terminal,
                opter_type=OperatorType.TERMINAL,
                opter=settings.terminal,
                inf_time=self._now(),
                sign_no=None if service is SIGN_ON else self._sign_no,
                signtype=SignType.SM3,
                input=body,
            )
        )
        return envelope | {"cainfo": signature(settings.key, SignType.SM3, envelope)}

    def _read(self, service: Service[INPUT, OUTPUT], answer: dict[str, object]) -> OUTPUT | Refused | NoService:
        match answer.get("infcode"):
            case InfCode.GOOD:
                output: OUTPUT = Answer[service.output].model_validate(answer).output  # type: ignore[name-defined]
                return output
            case InfCode.REFUSED:
                return Refused(RefusedAnswer.model_validate(answer).output.reasons)
            case InfCode.NOT_AUTHENTICATED:
                self._sign_no = None
                return NoService(_keys(FaultAnswer.model_validate(answer)))
            case _:
                return NoService(_keys(FaultAnswer.model_validate(answer)))

    def _id(self, name: MessageName) -> str:
        return message_id(self._settings.institution, name.at, name.serial)

    def _next_name(self) -> MessageName:
        """Never one that was used before, also where the clock was put back."""
        now, last = self._now().astimezone(SHANGHAI).replace(microsecond=0), self._last
        if now > last.at:
            self._last = MessageName(now, 0)
        elif last.serial + 1 < SERIALS:
            self._last = MessageName(last.at, last.serial + 1)
        else:
            self._last = MessageName(last.at + timedelta(seconds=1), 0)
        return self._last

    def _last_name(self) -> MessageName:
        """The last one that was written down."""
        for record in self._journal.records(Entry.SERVICE_REQUEST, newest_first=True):
            return MessageName.of(record)
        return MessageName(datetime(2000, 1, 1, tzinfo=SHANGHAI), 0)


_NO_ANSWER: Final = "no answer: "


def has_no_answer(record: Record) -> bool:
    """Does a SERVICE_ANSWER say that there was none?"""
    return str(record.data["ended"]).startswith(_NO_ANSWER)


def _ended(answer: BaseModel | Refused | NoService) -> str:
    match answer:
        case NoService(cause):
            return f"{_NO_ANSWER}{cause}"
        case Refused(reasons):
            return f"refused: {', '.join(reason.key for reason in reasons)}"
        case _:
            return "done"


def _keys(answer: FaultAnswer) -> str:
    return ", ".join(reason.key for reason in answer.output.reasons) or f"infcode {answer.infcode}"
