"""People who act in tests of applications."""

from simulators.authority.actors import Actor, Role
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI

PERSON = Actor(Role.PERSON, "person:1", WEIHAI, 1)
STRANGER = Actor(Role.PERSON, "person:2", None, 2)
TELLER = Actor(Role.TELLER, "bank:7", WEIHAI)
REVIEWER = Actor(Role.REVIEWER, "r1", WEIHAI)
SECOND = Actor(Role.REVIEWER, "r2", WEIHAI)
THIRD = Actor(Role.REVIEWER, "r3", "371002")
FAR_REVIEWER = Actor(Role.REVIEWER, "r9", SHENZHEN)
SUPERVISOR = Actor(Role.SUPERVISOR, "s1", WEIHAI)
POLICY_MAKER = Actor(Role.POLICY_MAKER, "p1", WEIHAI)
