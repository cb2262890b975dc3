"""A disk that comes back as it was: once, or until the next start."""

import random

import pytest

from simulators.campaign.disk import Disk
from simulators.campaign.storage import Storage


@pytest.mark.parametrize(
    ("newer_comes_back", "found"), [(False, [b"old", b"old", b"old"]), (True, [b"old", b"new", b"new"])]
)
def test_an_older_disk_is_found_at_the_next_start(newer_comes_back: bool, found: list[bytes]) -> None:
    disk, fired = Disk(), list[str]()
    storage = Storage(disk, random.Random(1), fired.append)
    try:
        disk.restore({"file": b"old"})
        storage.ailments()["E8"].happen(newer_comes_back=newer_comes_back)
        disk.restore({"file": b"new"})

        seen = []
        for _ in range(3):
            storage.before_start()
            seen.append(disk.image()["file"])
    finally:
        disk.unregister()

    assert seen == found
    assert fired == ["E8"] * (1 + newer_comes_back)
