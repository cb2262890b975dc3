"""Steps that many tests begin with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from simulators.authority.applications.documents import Paper
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Refused
from simulators.authority.applications.store import Application
from simulators.authority.applications.submission import Accepted, apply
from simulators.authority.policy.vocabulary import Channel
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import form
from tests.simulators.authority.applications.staff import PERSON


def hand_in(
    connection: Connection, office: Office, at: datetime = NOW, papers: Sequence[Paper] = (), **changes: Any
) -> Application:
    """A good form with some fields changed, handed in online by JIA."""
    taken = apply(connection, office, form(**changes), Channel.ONLINE, PERSON, at, papers=papers)
    assert isinstance(taken, Accepted), taken
    return taken.application


def done(result: Application | Accepted | Refused) -> Application:
    """What came of a step that must succeed."""
    assert not isinstance(result, Refused), result
    return result.application if isinstance(result, Accepted) else result


def told(result: Application | Accepted | Refused) -> frozenset[str]:
    """The keys with which a step was refused."""
    assert isinstance(result, Refused), result
    return result.keys
