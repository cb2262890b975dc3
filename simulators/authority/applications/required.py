"""Which papers an application needs on a day, by the policies in force then."""

from datetime import datetime

from sqlalchemy import Connection

from protocol.service_line.applications import Form
from simulators.authority.applications.eligibility import ask_of, required_papers
from simulators.authority.applications.office import Office
from simulators.authority.applications.store import Application
from simulators.authority.policy.vocabulary import Channel


def required_now(
    connection: Connection, office: Office, application: Application, form: Form, at: datetime
) -> tuple[str, ...]:
    """None where a region has no policy any more: nobody can approve there anyway."""
    pair = office.policies_of(application.home, application.place, at.date())
    if pair is None:
        return ()
    ask = ask_of(form, Channel(application.channel), at)
    return required_papers(connection, pair, application.person_id, ask, form)
