"""A service line in memory, and callers that know how to ask it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from protocol.service_line.envelope import SignType, message_id, signature
from simulators.authority.actors import SYSTEM
from simulators.authority.business_time import business_time
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.policy_book import PolicyBook, our_policies
from simulators.authority.service_line.app import create_app
from simulators.authority.service_line.channels import register_channel
from simulators.authority.service_line.rooms import Rooms
from simulators.authority.service_line.staff import StaffMember, add_staff
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from tests.simulators.authority.kiosk import JIA, WEIHAI, Clock, Kiosk, Somebody

KEY = bytes(range(32))
PASSWORD = "correct horse battery"
INSTITUTION = "H37100000001"


@dataclass
class Caller:
    """Somebody at the line. `key` signs; `sign_no` is kept from the sign-on."""

    line: "Line"
    opter: str
    opter_type: str
    key: bytes | None = None
    device: str | None = None
    sign_no: str | None = None
    sign_type: SignType = SignType.SM3
    serial: int = 0
    last: dict[str, Any] = field(default_factory=dict)

    def envelope(self, infno: str, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A whole request, signed where this caller signs."""
        self.serial += 1
        at = self.line.clock.now()
        asked: dict[str, Any] = {
            "infno": infno,
            "msgid": message_id(f"{INSTITUTION[:8]}{sum(self.opter.encode()) % 10**4:04d}", at, self.serial),
            "mdtrtarea_admvs": WEIHAI,
            "opter_type": self.opter_type,
            "opter": self.opter,
            "inf_time": f"{business_time(at):%Y-%m-%d %H:%M:%S}",
            "input": body,
        }
        for name, value in (("dev_no", self.device), ("sign_no", self.sign_no)):
            if value is not None:
                asked[name] = value
        asked |= changes
        if self.key is not None:
            asked["signtype"] = str(self.sign_type)
            asked["cainfo"] = signature(self.key, self.sign_type, asked)
        return asked

    async def ask(self, infno: str, body: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """The answer's envelope."""
        self.last = self.envelope(infno, body or {}, **changes)
        return await self.line.send(infno, self.last)

    async def sign_on(self, **body: Any) -> dict[str, Any]:
        """Sign on and keep the number."""
        answer = await self.ask("9001", {"opter_no": self.opter, **body}, sign_no=None)
        if answer["infcode"] == 0:
            self.sign_no = answer["output"]["signinoutb"]["sign_no"]
        return answer


class Line:
    """An authority's service line in memory. `status` is that of the last answer."""

    def __init__(self, clock: Clock, database: Database, hsm: SoftHsm, policies: PolicyBook | None = None) -> None:
        self.clock = clock
        self.rooms = Rooms(database, hsm, policies or our_policies(), clock.now)
        self.app = create_app(self.rooms)
        self.status = 0

    @property
    def at(self) -> datetime:
        """Business time."""
        return business_time(self.clock.now())

    def client(self) -> httpx.AsyncClient:
        """HTTP without a network."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="https://authority")

    async def send(self, infno: str, envelope: dict[str, Any]) -> dict[str, Any]:
        """What the line answers."""
        async with self.client() as client:
            answer = await client.post(f"/service/{infno}", json=envelope)
        self.status = answer.status_code
        content: dict[str, Any] = answer.json()
        return content

    def register(
        self, channel: str, kind: ChannelKind, key: bytes | None = None, region: str = WEIHAI, provider: str = "1"
    ) -> None:
        with self.rooms.database.transaction() as connection:
            register_channel(connection, self.rooms.hsm, SYSTEM, self.at, channel, kind, region, provider, key)

    async def terminal(self, name: str = "K0000001") -> Caller:
        """A terminal that is registered and signed on."""
        self.register(name, ChannelKind.TERMINAL, KEY, provider="371000000000001")
        caller = Caller(self, name, "2", KEY)
        assert (await caller.sign_on())["infcode"] == 0
        return caller

    async def staff(
        self,
        name: str,
        role: StaffRole,
        region: str | None = WEIHAI,
        person_id: int | None = None,
        provider: str = "371000000000001",
    ) -> Caller:
        """Somebody of the staff at a desk of the authority, or a teller at a counter."""
        kind = ChannelKind.COUNTER if role is StaffRole.TELLER else ChannelKind.OFFICE
        self.register(f"desk-{name}", kind, provider=provider)
        with self.rooms.database.transaction() as connection:
            add_staff(connection, self.rooms.hsm, SYSTEM, self.at, StaffMember(name, role, region, person_id), PASSWORD)
        caller = Caller(self, name, "1", device=f"desk-{name}")
        assert (await caller.sign_on(password=PASSWORD))["infcode"] == 0
        return caller

    def anybody(self) -> Caller:
        """Somebody without a sign-on."""
        return Caller(self, "guest", "3")


async def visiting(line: Line, kiosk: Kiosk, person: Somebody = JIA) -> tuple[Caller, dict[str, str]]:
    """The kiosk on the service line, and how it names the person whose PIN was just right."""
    line.register(kiosk.id, ChannelKind.TERMINAL, KEY, provider=kiosk.merchant)
    terminal = Caller(line, kiosk.id, "2", KEY)
    await terminal.sign_on()
    reference = kiosk.quote(person).reference
    assert reference is not None
    return terminal, {"mdtrt_cert_type": "91", "mdtrt_cert_no": reference}


def keys_of(answer: dict[str, Any]) -> list[str]:
    """The keys of all reasons."""
    return [reason["key"] for reason in answer["output"]["reasons"]]
