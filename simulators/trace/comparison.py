"""A recording held against what was said now, or against another recording: what differs, and how long it took."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import median
from typing import Any

from protocol.wire import WireFormat
from simulators.trace.conversation import Conversation, Exchange, Said
from simulators.trace.difference import differences, in_words, read
from simulators.trace.host import Answered

SHORTEST_COMPARED = 0.0005
"""Seconds below which a recorded answer came at once: a ratio to it says nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One message that is another than the recorded one, in words; `line` and `t` are those of the recording."""

    line: int
    t: float
    question: str
    recorded: str
    other: str
    fields: tuple[str, ...] = ()

    def told(self, names: tuple[str, str]) -> list[str]:
        """Lines for the reader."""
        first = f"line {self.line}, {self.t:.3f} s" + (f", after {self.question}" if self.question else "")
        texts = [
            f"{name + ':':{max(map(len, names)) + 1}} {said}" for name, said in zip(names, self._both(), strict=True)
        ]
        return [first, *(f"  {text}" for text in texts), *(f"    {text}" for text in self.fields)]

    def _both(self) -> tuple[str, str]:
        return self.recorded, self.other


@dataclass(frozen=True, slots=True)
class Pace:
    """How long answers took beside the recorded ones, as ratios; `furthest` is the answer that is most off."""

    answers: int
    median: float
    fastest: float
    slowest: float
    furthest: str

    def told(self) -> str:
        """One line."""
        spread = f"median {self.median:.2f} x the recorded time, {self.fastest:.2f} to {self.slowest:.2f}"
        return f"{self.answers} answers: {spread}; furthest off: {self.furthest}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out of a comparison."""

    exchanges: int
    differences: tuple[Difference, ...]
    pace: Pace | None


def against(
    recorded: Conversation, answered: Sequence[Answered], names: tuple[str, str], ignore: Iterable[str] = ()
) -> Comparison:
    """A recording and how a device answered the same questions now."""
    wire = recorded.dialect.wire
    found = [
        unlike
        for each in answered
        for unlike in _unlike(wire, each.exchange, each.exchange.answers, [_now(wire, e) for e in each.events], names)
    ]
    times = [
        (each.exchange.requests[-1].record.note, _latency(each.exchange), each.latency)
        for each in answered
        if each.exchange.requests and each.exchange.answers and each.latency is not None
    ]
    return Comparison(len(answered), _kept(found, ignore), _pace(times))


def between(one: Conversation, other: Conversation, names: tuple[str, str], ignore: Iterable[str] = ()) -> Comparison:
    """Two recordings, exchange by exchange, until one of them ends or the hosts' questions part."""
    found: list[Difference] = []
    times: list[tuple[str, float, float]] = []
    wire = one.dialect.wire
    pairs = list(zip_longest(one.exchanges(), other.exchanges()))
    for a, b in pairs:
        if a is None or b is None:
            ended = a or b
            assert ended is not None, "zip_longest fills one side only"
            first = (ended.requests or ended.answers)[0]
            texts = (_words(first), "the recording has ended")
            found.append(Difference(first.number, first.record.t, "", *(texts if b is None else texts[::-1])))
            break
        asked = _unlike(wire, a, a.requests, [_recorded(each, wire) for each in b.requests], names, asking=True)
        found += asked
        if asked:
            break
        found += _unlike(wire, a, a.answers, [_recorded(each, wire) for each in b.answers], names)
        if a.requests and a.answers and b.answers:
            times.append((a.requests[-1].record.note, _latency(a), _latency(b)))
    return Comparison(len(pairs), _kept(found, ignore), _pace(times))


@dataclass(frozen=True, slots=True)
class _Message:
    """What was said on one side: its bytes, which of them are known, in words, and decoded where that can be done."""

    raw: bytes
    known: bytes
    words: str
    event: Any = None

    def same(self, other: "_Message") -> bool:
        """As far as both are known."""
        known = int.from_bytes(self.known, "big") & int.from_bytes(other.known, "big")
        unlike = int.from_bytes(self.raw, "big") ^ int.from_bytes(other.raw, "big")
        return len(self.raw) == len(other.raw) and not unlike & known


def _now(wire: WireFormat, event: Any) -> _Message:
    return _Message(event.raw, b"\xff" * len(event.raw), in_words(wire, event), event)


def _recorded(said: Said, wire: WireFormat) -> _Message:
    """Filled in bytes would tell nothing, so a message that has some is not decoded."""
    decoder = wire.from_host() if said.from_host else wire.from_device()
    events = [] if said.hidden else read(decoder, said.filled)
    return _Message(said.filled, said.known, _words(said), events[0] if len(events) == 1 else None)


def _words(said: Said) -> str:
    return f"{said.record.note} ({said.record.hex})"


def _unlike(
    wire: WireFormat,
    exchange: Exchange,
    said: Sequence[Said],
    others: Sequence[_Message],
    names: tuple[str, str],
    *,
    asking: bool = False,
) -> list[Difference]:
    """What differs in the messages of one side of one exchange."""
    question = "" if asking or not exchange.requests else exchange.requests[-1].record.note
    found: list[Difference] = []
    for recorded, other in zip_longest(said, others):
        place = recorded or (exchange.answers or exchange.requests)[-1]
        before = None if recorded is None else _recorded(recorded, wire)
        if before is not None and other is not None and before.same(other):
            continue
        decoded = before is not None and other is not None and before.event is not None and other.event is not None
        parts = differences(wire, before.event, other.event, names) if decoded and before and other else []
        words = ("nothing more" if before is None else before.words, "nothing" if other is None else other.words)
        found.append(Difference(place.number, place.record.t, question, *words, tuple(parts)))
    return found


def _latency(exchange: Exchange) -> float:
    return exchange.answers[0].record.t - exchange.requests[-1].record.t


def _kept(found: Iterable[Difference], ignore: Iterable[str]) -> tuple[Difference, ...]:
    """Without those of which a message, the question or every differing field fits a pattern of `ignore`."""
    patterns = [re.compile(pattern) for pattern in ignore]

    def unimportant(difference: Difference) -> bool:
        texts = (difference.question, difference.recorded, difference.other)
        by_text = any(pattern.search(text) for pattern in patterns for text in texts)
        parts = difference.fields
        return by_text or (bool(parts) and all(any(p.search(part) for p in patterns) for part in parts))

    return tuple(difference for difference in found if not unimportant(difference))


def _pace(times: Iterable[tuple[str, float, float]]) -> Pace | None:
    ratios = [(now / recorded, note, recorded, now) for note, recorded, now in times if recorded >= SHORTEST_COMPARED]
    if not ratios:
        return None
    _, note, recorded, now = max(ratios, key=lambda each: max(each[0], 1 / max(each[0], 1e-9)))
    plain = [ratio for ratio, *_ in ratios]
    furthest = f"{note}, {recorded * 1000:.1f} ms recorded, {now * 1000:.1f} ms"
    return Pace(len(plain), median(plain), min(plain), max(plain), furthest)
