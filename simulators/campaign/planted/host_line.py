"""Planted bugs of the terminal's end of the money line, and of what it remembers of its exchanges."""

import asyncio
from dataclasses import replace
from typing import Any, Final

from protocol import money_line_frame
from protocol.money_line import CashReply, Message, Original, ResponseCode
from simulators.authority.money_line import switch
from simulators.campaign.planted.bug import Patch, Planted, changed, instead, silent, together
from terminal import advices, host_exchange
from terminal.advices import AdviceQueue
from terminal.host_answers import Approved, NoAnswer
from terminal.host_connection import NoReply
from terminal.host_exchange import HostExchange
from terminal.host_memory import AdviceKind, HostMemory
from terminal.host_requests import HostRequests
from terminal.journal import Entry

ADVICES: Final = "terminal/advices.py"
EXCHANGE: Final = "terminal/host_exchange.py"
MEMORY: Final = "terminal/host_memory.py"
REQUESTS: Final = "terminal/host_requests.py"
FRAME: Final = "protocol/money_line_frame.py"


def _approved(requested: Any, reference: str, authorisation: str | None = None) -> Approved:
    return Approved(
        exchange=requested.exchange,
        original=requested.exchange,
        amount_fen=requested.amount_fen,
        reference=reference,
        authorisation=authorisation,
        entry_mode=requested.entry_mode,
        pan_sequence=requested.pan_sequence,
        transaction=requested.transaction,
        sealed=requested.sealed,
    )


def _late_reply() -> Patch:
    """The reversal is stored after the time-out, and then the answer comes and is acted on."""

    def kept(before: Any) -> Any:
        def reversed_(self: Any, requested: Any, cause: Any, why: Any) -> NoAnswer:
            self.too_late = requested
            return before(self, requested, cause, why)  # type: ignore[no-any-return]

        return reversed_

    def make(before: Any) -> Any:
        async def withdraw(self: Any, *request: Any, **more: Any) -> Any:
            answer = await before(self, *request, **more)
            connection = self._exchange._connection
            if not isinstance(answer, NoAnswer) or not answer.sent or connection._link is None:
                return answer
            try:
                async with asyncio.timeout(60):
                    message = await connection._answer(connection._link, lambda heard: "no" * (heard.mti != "0210"))
            except OSError:
                return answer
            reply = CashReply.from_message(message)
            if reply.code != ResponseCode.APPROVED:
                return answer
            return _approved(self.too_late, reply.reference or "", reply.authorisation)

        return withdraw

    return together(changed(HostRequests, "_reversed", kept), changed(HostRequests, "withdraw", make))


def _silence_is_consent() -> Patch:
    def reversed_(self: Any, requested: Any, *_: Any) -> Any:
        exchange = requested.exchange
        data = {"batch": exchange.batch, "stan": exchange.stan, "date": exchange.date}
        reply = {"approved": True, "host_date": exchange.date, "reference": "0" * 12, "authorisation": None}
        self._exchange.write(Entry.HOST_REPLY, requested.transaction, **data, **reply)
        return self._exchange.memory.approvals[exchange]

    return changed(HostRequests, "_reversed", instead(reversed_))


def _fields_not_compared(*numbers: int) -> Patch:
    def make(before: Any) -> Any:
        def objection(request: Message, heard: Message, reply_type: Any) -> str:
            said: str = before(request, heard, reply_type)
            if any(said == f"field {number} is not that of the request" for number in numbers):
                return ""
            return said

        return objection

    return changed(host_exchange, "_objection", make)


def _approved_after_all() -> Patch:
    """After a decline the line is listened to a little longer, and what fits and approves is taken as it comes."""

    def make(before: Any) -> Any:
        async def send(self: Any, request: Any, reply_type: Any, before_sending: Any = lambda: None) -> Any:
            reply = await before(self, request, reply_type, before_sending)
            link = self._connection._link
            if request.MTI != "0200" or reply.code == ResponseCode.APPROVED or link is None:
                return reply
            asked = request.to_message(self.settings.tpdu, self.settings.header)

            def objection(heard: Message) -> str:
                if heard.fields.get(39) != ResponseCode.APPROVED:
                    return "no approval"
                return str(host_exchange._objection(asked, heard, reply_type))

            try:
                async with asyncio.timeout(2):
                    return reply_type.from_message(await self._connection._answer(link, objection))
            except OSError:
                return reply

        return send

    return changed(HostExchange, "send", make)


def _mac_leaves_out(number: int) -> Patch:
    """Both sides read the standard wrong in the same way."""

    def make(before: Any) -> Any:
        def mac_input(message: Message) -> bytes:
            value = message.fields.get(number)
            if not isinstance(value, str):
                return before(message)  # type: ignore[no-any-return]
            return before(replace(message, fields={**message.fields, number: "0" * len(value)}))  # type: ignore[no-any-return]

        return mac_input

    return together(
        changed(money_line_frame, "mac_input", make),
        changed(host_exchange, "mac_input", make),
        changed(switch, "mac_input", make),
    )


def _numbers_run_out() -> Patch:
    def take_stan(self: Any, date: str) -> int:
        self._stan = self._stan % 9 + 1
        return int(self._stan)

    return changed(HostMemory, "take_stan", instead(take_stan))


def _forgotten_at_start(*what: str) -> Patch:
    def make(before: Any) -> Any:
        def init(self: Any, records: Any = ()) -> None:
            before(self, records)
            for name in what:
                setattr(self, name, 0 if name == "_stan" else {})

        return init

    return changed(HostMemory, "__init__", make)


def _settled_again() -> Patch:
    def make(before: Any) -> Any:
        def apply(self: Any, record: Any) -> None:
            known = dict(self.approvals)
            before(self, record)
            if record.kind == Entry.ADVICE_STORED:
                self.approvals = known

        return apply

    return changed(HostMemory, "apply", make)


def _confirm_of_what_was_asked() -> Patch:
    return changed(
        AdviceQueue,
        "confirm",
        lambda before: lambda self, approved, paid, units: before(self, approved, approved.amount_fen, units),
    )


def _reversals_not_sent() -> Patch:
    def make(before: Any) -> Any:
        async def deliver(self: Any) -> bool:
            memory = self._exchange.memory
            for name, advice in list(memory.advices.items()):
                if advice.kind is AdviceKind.REVERSAL:
                    del memory.advices[name]
            return bool(await before(self))

        return deliver

    return changed(AdviceQueue, "deliver", make)


def _undelivered_is_delivered() -> Patch:
    def make(before: Any) -> Any:
        async def deliver(self: Any) -> bool:
            await before(self)
            return True

        return deliver

    return changed(AdviceQueue, "deliver", make)


def _one_try() -> Patch:
    """An advice that could not be delivered is dropped from the queue."""

    def make(before: Any) -> Any:
        async def send(self: Any, advice: Any) -> None:
            try:
                await before(self, advice)
            except NoReply:
                self._exchange.memory.advices.pop(advice.exchange, None)
                raise

        return send

    return changed(AdviceQueue, "_send", make)


def _wrong_original() -> Patch:
    def make(before: Any) -> Any:
        def message(self: Any, advice: Any) -> Any:
            original = advice.original
            wrong = Original(original.batch, original.stan % 999_999 + 1, original.date)
            return before(self, replace(advice, original=wrong) if advice.kind is AdviceKind.REVERSAL else advice)

        return message

    return changed(AdviceQueue, "_message", make)


class _Deaf(HostExchange):
    """Once signed on, for ever signed on."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "signed_on" or value:
            super().__setattr__(name, value)


def _keys_for_ever() -> Patch:
    """That the host wants a new sign-on is not heard."""

    def make(before: Any) -> Any:
        def init(self: Any, *what: Any) -> None:
            before(self, *what)
            self.__class__ = _Deaf

        return init

    return changed(HostExchange, "__init__", make)


def _no_mac_check() -> Patch:
    async def check(self: Any, answer: Message) -> None:
        return None

    return changed(HostExchange, "_check_mac", instead(check))


BUGS: Final = (
    Planted("M18", "an answer that comes after the reversal is acted on", REQUESTS, _late_reply, (4, 5)),
    Planted(
        "M22",
        "an approval that was settled is settled again at the next start",
        MEMORY,
        _settled_again,
        (2, 9, 15),
    ),
    Planted("M29", "trace numbers begin anew after nine, on the same day", MEMORY, _numbers_run_out, (2, 4, 15)),
    Planted("M30", "answers are matched by order", EXCHANGE, lambda: _fields_not_compared(3, 4, 11), (4, 5, 18)),
    Planted("M31", "an approval that comes after a decline is accepted", EXCHANGE, _approved_after_all, (5, 18)),
    Planted("M32", "the MAC does not cover the amount", FRAME, lambda: _mac_leaves_out(4), (5, 9, 15, 18)),
    Planted("M33", "the MAC does not cover the answer's code", FRAME, lambda: _mac_leaves_out(39), (5, 9, 15, 18)),
    Planted("M35", "open approvals are known in memory only", MEMORY, lambda: _forgotten_at_start("approvals"), (9,)),
    Planted("M36", "trace numbers begin anew at each start", MEMORY, lambda: _forgotten_at_start("_stan"), (2, 4, 15)),
    Planted(
        "M39",
        "an advice to which the host objects is dropped",
        ADVICES,
        lambda: changed(advices, "ADVICE_ENDING_CODES", instead(frozenset(ResponseCode))),
        (4, 9),
    ),
    Planted("K20", "the amount asked for is confirmed, not the one paid", ADVICES, _confirm_of_what_was_asked, (4,)),
    Planted("K21", "a reversal is stored and never sent", ADVICES, _reversals_not_sent, (9,)),
    Planted("K22", "the next person is served while an advice waits", ADVICES, _undelivered_is_delivered, (14,)),
    Planted("K23", "an advice without an answer is dropped", ADVICES, _one_try, (4, 9)),
    Planted("K24", "a reversal names the wrong original", ADVICES, _wrong_original, (9,)),
    Planted(
        "K25",
        "a request that a restart finds unanswered is not reversed",
        MEMORY,
        lambda: _forgotten_at_start("pending"),
        (9,),
    ),
    Planted("K26", "silence of the host is taken for an approval", REQUESTS, _silence_is_consent, (5,)),
    Planted("K27", "the MAC of an answer is not checked", EXCHANGE, _no_mac_check, (5, 18)),
    Planted("K29", "that the host wants a new sign-on is not heard", EXCHANGE, _keys_for_ever, (15,)),
    Planted(
        "K28",
        "an approval may be settled twice",
        ADVICES,
        lambda: together(changed(AdviceQueue, "_check_unspent", silent), _settled_again()),
        (9, 15),
    ),
)
"""Of the terminal's money line."""
