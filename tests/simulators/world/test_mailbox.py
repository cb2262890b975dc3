import asyncio

from simulators.world.mailbox import Mailbox


async def test_things_are_taken_in_the_order_in_which_they_were_put() -> None:
    box: Mailbox[str] = Mailbox()
    taken = asyncio.ensure_future(_two(box))
    await asyncio.sleep(1)
    box.put("first")
    box.put("second")
    assert await taken == ["first", "second"]


async def test_a_wait_that_is_cancelled_takes_nothing() -> None:
    box: Mailbox[str] = Mailbox()
    wait = asyncio.ensure_future(box.take())
    await asyncio.sleep(1)
    box.put("kept")
    wait.cancel()
    await asyncio.gather(wait, return_exceptions=True)
    assert await box.take() == "kept"


async def _two(box: Mailbox[str]) -> list[str]:
    return [await box.take(), await box.take()]
