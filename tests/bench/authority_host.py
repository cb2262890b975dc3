"""A process of an authority, for its benchmark: `python -m tests.bench.authority_host DATABASE TERMINALS PEOPLE`.

With `--join` terminals and people are there already. It prints the port on which it serves, and runs until its standard
input ends.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import date

from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.supervision.risk.rules import RiskBook
from simulators.bench.host import RISK
from tests.simulators.authority.kiosk import TMK, WEIHAI, Clock, Somebody

WITHOUT_LIMITS = RegionPolicy.model_validate(
    {
        "region": WEIHAI,
        "name": "测试",
        "version": "bench",
        "valid_from": date(2026, 1, 1),
        "legal_basis": "none: a benchmark",
        "enabled": True,
        "limits": {
            "single_fen": {"CASH": 2_000_000},
            "day_fen": 2_000_000,
            "year_fen": 10**9,
            "draws_per_month": "unlimited",
            "minimum_remainder_fen": 0,
            "ratio_percent": 100,
            "note_multiple_fen": 10_000,
        },
        "approval": {"standing_approval_fen": 10**9},
    }
)
"""So that people can draw all the time."""

MERCHANT = "371000000000001"


def terminal(number: int) -> str:
    """The name of a terminal."""
    return f"K{number:07d}"


def people(number: int) -> Iterator[Somebody]:
    """Fictitious people with money."""
    for each in range(number):
        pan = f"6217{each:015d}"
        yield Somebody("测试", f"{each:018d}", f"S{each:08d}", WEIHAI, pan, "3012", "123456", 10**9)


async def main(at: str, terminals: int, persons: int, *, join: bool) -> None:
    """Serve until the standard input ends."""
    clock = Clock()
    database = Database(at)
    hsm, risk = SoftHsm(b"B" * 32, os.urandom), RiskBook.load(RISK)  # few people draw for hours in a second
    authority = Authority(database, hsm, clock.now, PolicyBook([WITHOUT_LIMITS]), risk=risk)
    if not join:
        for number in range(terminals):
            authority.register_terminal(terminal(number), MERCHANT, WEIHAI, TMK, cash_fen=10**9)
        authority.load_people(people(persons))
    server = await authority.serve_tcp("127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), join="--join" in sys.argv))
