"""Signing on, and the host's clock, which names no year."""

from datetime import timedelta
from pathlib import Path

import pytest

from protocol.money_line import (
    SignOn,
    WorkingKeys,
)
from terminal.money_line import NoAnswer, SignOnFailed
from tests.terminal.money_host import (
    CARD,
    KEYS,
    PIN_BLOCK,
    Kiosk,
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


async def test_signing_on_loads_keys_batch_and_the_hosts_clock(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    signing_on = start(kiosk.line.sign_on())
    request = await kiosk.host.hear(SignOn)
    await kiosk.host.say(signed_on(request))

    result = await signing_on

    assert (request.terminal_info, request.operator) == (b"medteller", "001")
    assert result.batch == 7
    assert result.clock_offset == timedelta(seconds=10)
    assert kiosk.pad.mac_key == KEYS.mac_key
    assert kiosk.line.signed_on


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (WorkingKeys(KEYS.pin_key, b"xxxx", KEYS.mac_key, KEYS.mac_key_check), "check value of PIK"),
        (WorkingKeys(KEYS.pin_key, KEYS.pin_key_check, KEYS.mac_key, b"xxxx"), "check value of MAK"),
        (None, "no keys"),
    ],
)
async def test_wrong_keys_are_no_sign_on(tmp_path: Path, keys: WorkingKeys | None, why: str) -> None:
    kiosk = Kiosk(tmp_path)
    signing_on = start(kiosk.line.sign_on())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn), keys=keys))

    with pytest.raises(SignOnFailed, match=why):
        await signing_on
    assert not kiosk.line.signed_on
    assert await kiosk.line.quote(CARD, PIN_BLOCK) == NoAnswer("not signed on", sent=False)


async def test_a_refused_sign_on_says_the_code(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    signing_on = start(kiosk.line.sign_on())
    await kiosk.host.say(signed_on(await kiosk.host.hear(SignOn), code="97", keys=None))

    with pytest.raises(SignOnFailed, match="code 97"):
        await signing_on


async def test_a_host_that_is_not_there_is_no_sign_on(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, reachable=False)

    with pytest.raises(SignOnFailed, match="nobody listens"):
        await kiosk.line.sign_on()
