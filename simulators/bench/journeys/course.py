"""The course of a journey: what its script can do, and what it has found to hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import httpx

from protocol.service_line.envelope import OperatorType
from protocol.service_line.sessions import REGISTER, RegisterInput
from simulators.authority.actors import SYSTEM
from simulators.authority.business_time import business_time
from simulators.authority.people.codes import SentMessage, received
from simulators.authority.people.identity import find_person
from simulators.authority.people.loading import enter_people
from simulators.authority.service_line.channels import find_channel, register_channel
from simulators.authority.service_line.staff import StaffMember, add_staff
from simulators.authority.supervision.providers import Provider, authorise_provider, find_provider
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.journeys.caller import Caller
from simulators.bench.journeys.cast import Traveller, traveller
from simulators.bench.journeys.narrator import Narrator
from simulators.bench.result import Check
from simulators.bench.site import SERVICE_URL
from terminal.journal import Entry
from terminal.view import Screen
from terminal.visit import Ending

PASSWORD = "a long enough password"  # noqa: S105  # of invented people


@dataclass(frozen=True, slots=True)
class Desk:
    """An official channel, and whose it is: the merchant number of a bank or platform."""

    id: str
    kind: ChannelKind
    region: str
    provider: str


@dataclass(slots=True)
class Course:
    """One journey under way on a bench. `heard` has every envelope of its service line.

    `transferred_fen` is what the story says went to own bank accounts, `opened_by` the last entry of opening balances.
    """

    bench: Bench
    narrator: Narrator
    client: httpx.AsyncClient = field(init=False)
    checks: list[Check] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    travellers: list[Traveller] = field(default_factory=list)
    transferred_fen: int = 0
    opened_by: int = 0
    _asked: int = 0

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(transport=self.bench.service_door, base_url=SERVICE_URL)

    # Time

    @property
    def now(self) -> datetime:
        """Business time."""
        return business_time(self.bench.world.now())

    def chapter(self, words: str, at: datetime | None = None) -> None:
        """What comes next; at another time, where one is given: what is due until then is done."""
        if at is not None:
            self.bench.world.put_clock(at)
            self.bench.authority.do_what_is_due()
        self.narrator.chapter(f"{self.now:%Y-%m-%d %H:%M}  {words}")

    def tell(self, who: str, words: str) -> None:
        """What somebody sees or does outside of screens and lines."""
        self.narrator.says(who, words)

    # People and desks

    def enrol(self, identifier: str) -> Traveller:
        """Somebody of the authority's people file is insured from now on, and on this journey."""
        found = traveller(identifier, self.now.date())
        host = self.bench.behind
        with host.database.transaction() as connection:
            enter_people(connection, host.hsm, SYSTEM, self.now, [found.entry])
        self.travellers.append(found)
        self.opened_by = host.authority.postings()[-1].entry
        return found

    def person_id(self, who: Traveller) -> int:
        """The person's number in the register."""
        host = self.bench.behind
        with host.database.transaction() as connection:
            found = find_person(connection, host.hsm, who.person.id_number)
        assert found is not None
        return found

    def phone(self, who: Traveller) -> Sequence[SentMessage]:
        """What the person's phone shows, oldest first."""
        host, number = self.bench.behind, self.person_id(who)
        with host.database.transaction() as connection:
            return received(connection, host.hsm, number)

    def code(self, who: Traveller) -> str:
        """The last code that came to the phone."""
        return [message for message in self.phone(who) if message.kind == "code"][-1].gaps["code"]

    def open_desk(self, desk: Desk) -> None:
        """Enter a channel as official, and its provider as authorised."""
        host = self.bench.behind
        with host.database.transaction() as connection:
            if find_provider(connection, desk.provider) is None:
                bank = Provider(desk.provider, desk.provider, desk.region, date.min)
                authorise_provider(connection, SYSTEM, self.now, bank)
            if find_channel(connection, desk.id) is None:
                register_channel(connection, host.hsm, SYSTEM, self.now, desk.id, desk.kind, desk.region, desk.provider)

    def anybody(self, who: str, desk: Desk) -> Caller:
        """Somebody who has not signed on."""
        return self._caller(who, "guest", OperatorType.MOBILE, desk)

    async def online(self, who: Traveller, words: str, desk: Desk) -> Caller:
        """Somebody who opens an online account in a bank's app and signs on with it."""
        self.open_desk(desk)
        caller = self._caller(words, who.person.id, OperatorType.MOBILE, desk)
        identity = RegisterInput(certno=who.person.id_number, name=who.person.name)
        await caller.ask(REGISTER, identity, "opens an online account; a code is sent to the registered phone")
        opened = identity.model_copy(update={"code": self.code(who), "login": who.person.id, "password": PASSWORD})
        await caller.ask(REGISTER, opened, "types the code and chooses a password")
        await self.again(caller, who)
        return caller

    async def again(self, caller: Caller, who: Traveller) -> None:
        """Sign on to the app."""
        await caller.sign_on(PASSWORD, lambda: self.code(who))

    async def staff(self, words: str, name: str, role: StaffRole, desk: Desk, also: Traveller | None = None) -> Caller:
        """Somebody of the staff signs on at a desk; who is insured too (`also`) is known to be the same human."""
        self.open_desk(desk)
        host = self.bench.behind
        member = StaffMember(name, role, desk.region, None if also is None else self.person_id(also))
        with host.database.transaction() as connection:
            add_staff(connection, host.hsm, SYSTEM, self.now, member, PASSWORD)
        caller = self._caller(words, name, OperatorType.CLERK, desk)
        await caller.sign_on(PASSWORD)
        return caller

    def _caller(self, who: str, opter: str, kind: OperatorType, desk: Desk) -> Caller:
        self.open_desk(desk)
        return Caller(
            self.client,
            self._after_a_while,
            self.narrator,
            self.heard,
            who=who,
            opter=opter,
            kind=kind,
            region=desk.region,
            institution=f"{desk.provider[:6]}{len(self.travellers):02d}{sum(opter.encode()) % 10**4:04d}",
            channel=desk.id,
        )

    def _after_a_while(self) -> datetime:
        """Nobody reads, types or photographs in no time."""
        world = self.bench.world
        self._asked += 1
        world.put_clock(world.now() + timedelta(seconds=world.chance(f"request {self._asked}").randint(5, 45)))
        return world.now()

    # The kiosk

    async def kiosk_ready(self) -> None:
        """The kiosk serves customers."""
        scene = self.bench.scene
        await scene.until(lambda: self.bench.session.view.screen is Screen.IDLE)

    async def morning(self) -> None:
        """The kiosk's program is started anew, as every morning: it signs on and is told the hours of the day."""
        await self.bench.stop_for(lambda _: None)
        await self.kiosk_ready()

    async def visit(self, who: Traveller, plan: Plan) -> Ending:
        """Go to the kiosk; how the visit ended, by its journal."""
        place = self.bench.surroundings()
        customer = Customer(who.person, who.card, place, self.bench.world.chance(f"visit {len(self._ended())}"))
        try:
            await customer.visit(plan)
        finally:
            who.notes += customer.notes
            who.receipts += customer.receipts
            who.has_card = customer.has_card
        return Ending(self._ended()[-1])

    def _ended(self) -> list[str]:
        return [record.data["ending"] for record in self.bench.journal.records(Entry.VISIT_ENDED)]

    # What must hold

    def check(self, name: str, held: bool) -> None:
        """Find that something holds, or does not."""
        self.checks.append(Check(name, held))
