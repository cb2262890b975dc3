"""The declaration (承诺书): that all is true and how the money will be used. No application without it.

The wording of each version is in `texts/`; a version that was signed once is never changed.
"""

from datetime import datetime

from sqlalchemy import Connection, insert

from simulators.authority.actors import Actor
from simulators.authority.tables.applications import declarations

VERSIONS = ("1",)
CURRENT = VERSIONS[-1]
"""The version that is signed now."""


def sign(
    connection: Connection, application_id: int, form_version: int, version: str, actor: Actor, at: datetime
) -> None:
    """Keep who declared which version for which version of the form, and when."""
    connection.execute(
        insert(declarations).values(
            application_id=application_id,
            form_version=form_version,
            version=version,
            at=at.isoformat(),
            role=actor.role,
            actor=actor.id,
        )
    )
