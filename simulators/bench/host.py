"""The host of a bench: an authority with its database, in front of which one kiosk stands, or a fleet."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from fastapi import FastAPI

from drivers.interfaces import MacAlgorithm
from simulators.authority.actors import SYSTEM
from simulators.authority.authority import Authority
from simulators.authority.business_time import business_time
from simulators.authority.database import Database
from simulators.authority.hsm import MacMethod, SoftHsm
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.service_line.app import create_app
from simulators.authority.service_line.channels import channel_key, find_channel, register_channel
from simulators.authority.service_line.rooms import Rooms
from simulators.authority.supervision.risk.rules import RiskBook
from simulators.authority.tables.service_line import ChannelKind
from simulators.bench.file import BenchError, BenchFile
from simulators.world.cards import ISSUER_MASTER_KEY
from simulators.world.people import Person, load_people
from simulators.world.virtual_time import World

MAC_METHODS = {MacAlgorithm.X9_19: MacMethod.X9_19, MacAlgorithm.UNIONPAY_ECB: MacMethod.UNIONPAY_ECB}
"""What the host calls the terminal's ways to make field 64."""

RISK = Path(__file__).with_name("risk.toml")
"""The host's risk rules: a bench's few people draw as often in an hour as others in years."""


class Host:
    """An authority that knows `people`. `path` is its database; None keeps it in memory, for simulations.

    All its terminals make field 64 in the way of `mac`. `policies` are those that come with the simulators, or others.
    """

    def __init__(
        self,
        world: World,
        path: Path | None = None,
        *,
        mac: MacAlgorithm = MacAlgorithm.X9_19,
        people: Sequence[Person] | None = None,
        policies: PolicyBook | None = None,
    ) -> None:
        self.people = tuple(load_people() if people is None else people)
        self._mac = mac
        self._terminals: set[str] = set()
        self.database = Database(path)
        key, entropy = world.chance("host key").randbytes(32), world.chance("host").randbytes
        self.hsm = SoftHsm(key, entropy, MAC_METHODS[mac])
        self._risk = RiskBook.load(RISK)
        self.authority = Authority(
            self.database, self.hsm, world.now, policies, issuer_key=ISSUER_MASTER_KEY, risk=self._risk
        )
        self._world = world
        self._channel_keys: dict[str, bytes] = {}
        self.authority.load_people(person for person in self.people if person.known_to_host)

    def admit(self, file: BenchFile, master_key: bytes, sm4_master_key: bytes | None = None) -> None:
        """Register the terminal of a bench with its notes; one that is known already stays as it is. Raises BenchError.

        `master_key` and `sm4_master_key` are those of the terminal's PIN pad, 16 bytes each.
        """
        place = file.kiosk
        if place.mac is not self._mac:
            raise BenchError(f"kiosk.mac: {place.mac}, but the host of this fleet makes field 64 by {self._mac}")
        if place.terminal in self._terminals:
            return
        told = sum(cassette.denomination * cassette.notes for cassette in file.cash_dispenser.cassettes) * 100
        self.authority.register_terminal(place.terminal, place.merchant, place.region, master_key, told, sm4_master_key)
        self._terminals.add(place.terminal)

    @cached_property
    def service(self) -> FastAPI:
        """The authority's service line; made when somebody calls it for the first time."""
        return create_app(self.rooms)

    @cached_property
    def rooms(self) -> Rooms:
        """What stands behind the service line."""
        return Rooms(self.database, self.hsm, self.authority.policies, self._world.now, risk=self._risk)

    @property
    def regions(self) -> tuple[str, ...]:
        """Those that have a policy."""
        return self.authority.policies.regions

    def channel_key(self, file: BenchFile) -> bytes:
        """The key of a terminal's channel, which is entered in the list of official ones."""
        place = file.kiosk
        if place.terminal not in self._channel_keys:
            with self.database.transaction() as connection:
                known = find_channel(connection, place.terminal)
                key = None if known is None else channel_key(self.hsm, known)
                if key is None:
                    key = self._world.chance(f"channel {place.terminal}").randbytes(32)
                    register_channel(
                        connection,
                        self.hsm,
                        SYSTEM,
                        business_time(self._world.now()),
                        place.terminal,
                        ChannelKind.TERMINAL,
                        place.region,
                        place.merchant,
                        key,
                    )
            self._channel_keys[place.terminal] = key
        return self._channel_keys[place.terminal]

    def close(self) -> None:
        """Give the database back, when nobody calls any more."""
        self.database.close()
