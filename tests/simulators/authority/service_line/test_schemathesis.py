"""Schemathesis asks every number what its OpenAPI allows, and what it does not; nobody may answer outside of it."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.generation.modes import GenerationMode

from protocol.service_line import SERVICES, Caller, SignType, signature
from simulators.authority import database as databases
from simulators.authority.business_time import business_time
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.service_line.app import create_app
from simulators.authority.service_line.rooms import Rooms
from simulators.authority.service_line.sessions import OPERATORS, open_session
from simulators.authority.tables.service_line import ChannelKind
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, make_authority
from tests.simulators.authority.service_line.line import KEY, Line

THOROUGH = os.environ.get("MEDTELLER_THOROUGH")
"""So many examples a number and all combinations that Schemathesis thinks of; else a few requests, right and wrong."""

EXAMPLES = int(THOROUGH or 6)
SEED = os.environ.get("MEDTELLER_SEED")
"""Other examples than those of every day."""

CONFIG = SchemathesisConfig(
    seed=int(SEED or 1),
    projects=ProjectsConfig(
        default=ProjectConfig(
            generation=GenerationConfig(max_examples=EXAMPLES, allow_x00=False, deterministic=SEED is None),
            phases=PhasesConfig(coverage=CoveragePhaseConfig(enabled=THOROUGH is not None)),
        )
    ),
)
DEVICE = {Caller.TERMINAL: "K0000001"}


class Callers:
    """One sign-on for each role, by which well-formed requests are made somebody's."""

    def __init__(self, folder: Path) -> None:
        clock = Clock()
        database = databases.Database(folder / "authority.db")
        kiosk = Kiosk(make_authority(clock, JIA, YI, database=database))
        kiosk.sign_on()
        self.visit = kiosk.quote(JIA).reference
        self.line = Line(clock, database, SoftHsm(b"M" * 32, random.Random(3).randbytes))
        self.line.register("K0000001", ChannelKind.TERMINAL, KEY)
        self.line.register("OFFICE", ChannelKind.OFFICE)
        self.sign_nos = {}
        rooms, at = self.line.rooms, business_time(clock.now())
        with database.transaction() as connection:
            for caller in OPERATORS:
                person = 1 if caller is Caller.PERSON else None
                sign_no, _ = open_session(
                    connection,
                    rooms.hsm,
                    rooms.sessions,
                    at,
                    caller,
                    self.name(caller),
                    DEVICE.get(caller, "OFFICE"),
                    "371000",
                    person,
                )
                self.sign_nos[caller] = sign_no
        clock.time += timedelta(seconds=1)

    def name(self, caller: Caller) -> str:
        return DEVICE.get(caller, f"{caller}-1")

    def made_somebodys(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The request as this caller would have sent it; what it asks stays as it was generated."""
        kept = {name: value for name, value in body.items() if name not in ("cainfo", "signtype", "sign_no", "dev_no")}
        asked = {
            **kept,
            "opter": self.name(caller),
            "opter_type": str(OPERATORS[caller]),
            "sign_no": self.sign_nos[caller],
            "signtype": "SM3",
        }
        return {**asked, "cainfo": signature(KEY, SignType.SM3, asked)}


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    made = Callers(tmp_path_factory.mktemp("authority"))
    yield made
    made.line.rooms.database.close()


SCHEMA = schemathesis.openapi.from_dict(
    create_app(Rooms(databases.Database(), SoftHsm(bytes(32), bytes), our_policies(), Clock().now)).openapi(),
    config=CONFIG,
)


@pytest.mark.filterwarnings("default")
@pytest.mark.real_time
@SCHEMA.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_every_number_keeps_to_its_openapi(case: schemathesis.Case[Any], callers: Callers) -> None:
    service = SERVICES[case.path.removeprefix("/service/")]
    positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    known = [caller for caller in OPERATORS if caller in service.callers]
    if positive and isinstance(case.body, dict) and known:
        case.body = callers.made_somebodys(case.body, known[len(str(case.body)) % len(known)])
    case.call_and_validate(app=callers.line.app)
