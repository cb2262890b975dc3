"""The forms of an application, one after the other: sealed whole, since they tell of illness, money and persons."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from protocol.service_line.applications import Form
from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.applications import application_forms


def keep_form(
    connection: Connection, hsm: SoftHsm, application_id: int, version: int, form: Form, at: datetime
) -> None:
    """Store one version."""
    connection.execute(
        insert(application_forms).values(
            application_id=application_id,
            version=version,
            at=at.isoformat(),
            sealed=hsm.seal(form.model_dump_json(exclude_none=True)),
        )
    )


def form_of(connection: Connection, hsm: SoftHsm, application_id: int, version: int) -> Form:
    """One version as it was handed in. Raises LookupError."""
    sealed = connection.scalar(
        select(application_forms.c.sealed).where(
            application_forms.c.application_id == application_id, application_forms.c.version == version
        )
    )
    if sealed is None:
        raise LookupError(f"application {application_id} has no form {version}")
    return Form.model_validate_json(hsm.unseal(sealed))
