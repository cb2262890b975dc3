import asyncio

from simulators.world.scene import Scene


async def test_what_is_already_there_is_seen_at_once() -> None:
    assert await Scene().until(lambda: "a card") == "a card"


async def test_a_person_waits_until_something_can_be_seen() -> None:
    scene = Scene()
    notes: list[str] = []

    def put() -> None:
        notes.append("100")
        scene.changed()

    asyncio.get_running_loop().call_later(5.0, put)
    assert await scene.until(lambda: notes or None) == ["100"]
    assert asyncio.get_running_loop().time() == 5.0


async def test_a_change_that_is_not_the_one_looked_for_is_waited_out() -> None:
    scene = Scene()
    seen = 0

    def look() -> bool:
        nonlocal seen
        seen += 1
        return seen == 3

    waiting = asyncio.create_task(scene.until(look))
    for _ in range(2):
        await asyncio.sleep(1.0)
        assert not waiting.done()
        scene.changed()
    assert await waiting is True


async def test_zero_is_something_to_see() -> None:
    """Only None and False mean that there is nothing: a count may be nought, a list empty."""
    assert await Scene().until(lambda: 0) == 0
    assert await Scene().until(lambda: ()) == ()


async def test_people_act_in_the_order_in_which_they_began_to_wait() -> None:
    scene = Scene()
    order: list[int] = []
    there = False

    async def person(number: int) -> None:
        await scene.until(lambda: there)
        order.append(number)

    people = [asyncio.create_task(person(number)) for number in range(10)]
    await asyncio.sleep(1.0)
    there = True
    scene.changed()
    await asyncio.gather(*people)
    assert order == list(range(10))


async def test_somebody_who_gave_up_waiting_does_not_disturb_the_others() -> None:
    scene = Scene()
    there = False
    impatient, patient = (asyncio.create_task(scene.until(lambda: there)) for _ in range(2))
    await asyncio.sleep(1.0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    there = True
    scene.changed()
    assert await patient is True


async def test_watchers_hear_of_every_change() -> None:
    scene = Scene()
    heard: list[str] = []
    scene.watch(lambda: heard.append("first"))
    scene.watch(lambda: heard.append("second"))
    scene.changed()
    scene.changed()
    assert heard == ["first", "second"] * 2
