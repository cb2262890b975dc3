"""What keeps the money line fit for the next customer, against a host played by the test."""

from pathlib import Path

import pytest

from protocol.money_line import (
    Confirm,
    Header,
    ProcessingRequest,
    QuoteRequest,
    SignOn,
)
from terminal.money_line import Declined
from tests.terminal.money_host import (
    CARD,
    PIN_BLOCK,
    Kiosk,
    approved,
    confirmed,
    quoted,
    signed_on,
    signing_on,
    start,
)


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on."""
    kiosk = Kiosk(tmp_path)
    await signing_on(kiosk)
    return kiosk


async def test_the_host_can_call_its_keys_back(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    await kiosk.host.say(
        quoted(await kiosk.host.hear(QuoteRequest), code="77"),
        header=Header(processing_request=ProcessingRequest.SIGN_ON),
    )

    answer = await asking

    assert isinstance(answer, Declined)
    assert not kiosk.line.signed_on


async def test_delivering_signs_on_first_where_keys_are_gone(kiosk: Kiosk) -> None:
    kiosk.line.confirm(await approved(kiosk), 50_000)
    kiosk.restart()
    assert not kiosk.line.signed_on

    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))
    await kiosk.host.say(confirmed(await kiosk.host.hear(Confirm)))

    assert await delivering


async def test_delivering_signs_on_even_when_nothing_waits(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn)))

    assert await delivering
    assert kiosk.line.signed_on


async def test_an_unreachable_host_is_not_ready_for_a_customer(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, reachable=False)

    assert not await kiosk.line.deliver()
