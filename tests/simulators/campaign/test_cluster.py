"""Seeds on a Dask cluster of two processes of this machine."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.campaign import cluster, job
from simulators.campaign.campaign import Order
from simulators.campaign.cluster import Cluster, NoCluster
from simulators.campaign.job import Job, Played
from simulators.campaign.tally import Tally
from simulators.cli import app
from tests.simulators.campaign.played import played

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

pytestmark = [pytest.mark.real_time, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

DIES = 3


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as local,
    ):
        yield local.scheduler_address


def play_all(chunk: list[Job]) -> list[Played]:
    """What a worker of these tests does."""
    if any(each.seed == DIES for each in chunk):
        os.kill(os.getpid(), signal.SIGKILL)
    return [played(each.seed) for each in chunk]


def test_the_same_seeds_give_the_same_hash_as_at_home(address: str, tmp_path: Path) -> None:
    arguments = ["campaign", "--seeds", "2", "--visits", "1", "--json", "--tapes", str(tmp_path)]
    there = CliRunner().invoke(app, [*arguments, "--dask", address])

    assert there.exit_code == 0, there.stderr
    at_home = [job.play(each) for each in Order(2, visits=1).jobs()]
    summary = json.loads(there.stdout)
    assert summary["seeds"] == 2
    assert summary["trace_hash"] == _hash(at_home)


def _hash(runs: list[Played]) -> str:
    tally = Tally(1)
    for each in runs:
        tally.add(each)
    return tally.trace_hash


def test_a_worker_that_dies_costs_its_seed_only(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "play_all", play_all)
    with Cluster(address, 60.0) as players:
        found = {each.job.seed: each for each in players.play(Job(seed) for seed in range(1, 5))}

    assert sorted(found) == [1, 2, 3, 4]
    assert [seed for seed, each in found.items() if each.violations] == [DIES]
    assert "its worker" in found[DIES].violations[0].words


def test_nobody_there_is_told(unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with pytest.raises(NoCluster, match="start one with: dask scheduler"):
        Cluster(f"tcp://127.0.0.1:{unused_tcp_port}", 60.0)
