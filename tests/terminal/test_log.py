"""The technical log never shows a secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from terminal.log import configure, log

PAN = "6217000000000000012"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    logger = logging.getLogger("medteller")
    before = (logger.handlers[:], logger.level, logger.propagate)
    stream = io.StringIO()
    configure("INFO", stream)
    yield stream
    logger.handlers[:], level, logger.propagate = before
    logger.setLevel(level)


def test_an_event_is_one_json_line_after_its_time(stream: io.StringIO) -> None:
    log.warning("host line down", cause="no answer", attempts=3)

    date, time, line = stream.getvalue().split(" ", 2)
    assert (len(date), time[2]) == (10, ":")
    assert json.loads(line) == {"event": "host line down", "cause": "no answer", "attempts": 3, "level": "warning"}


def test_secrets_are_redacted_wherever_they_stand(stream: io.StringIO) -> None:
    log.error(f"card {PAN}", number=int(PAN), raw=b"\x06\x12\x34\x56", nested={"tracks": [f"{PAN}=3012"]})

    text = stream.getvalue()
    assert "62170000" not in text
    assert "(4 bytes)" in text


def test_a_traceback_is_redacted_too(stream: io.StringIO) -> None:
    try:
        raise ValueError(f"bad card {PAN}")
    except ValueError:
        log.exception("internal fault")

    assert "Traceback" in stream.getvalue()
    assert "62170000" not in stream.getvalue()


def test_what_is_below_the_level_is_not_written(stream: io.StringIO) -> None:
    log.debug("detail")

    assert stream.getvalue() == ""
