"""Who is too near to whom to decide: relatives, and guardians with those in their care."""

from sqlalchemy import Connection, insert, or_, select, union_all

from simulators.authority.tables.applications import Kinship, relatives
from simulators.authority.tables.people import guardianships


def add_relative(connection: Connection, person_id: int, relative_id: int, kinship: Kinship) -> None:
    """Enter what `relative_id` is to `person_id`; it counts both ways."""
    connection.execute(insert(relatives).values(person_id=person_id, relative_id=relative_id, kinship=kinship))


def relatives_of(connection: Connection, person_id: int) -> frozenset[int]:
    """Everybody who is near to a person; a guardianship counts also after its end."""
    near = union_all(
        *(
            select(one, other).where(or_(one == person_id, other == person_id))
            for one, other in (
                (relatives.c.person_id, relatives.c.relative_id),
                (guardianships.c.person_id, guardianships.c.guardian_id),
            )
        )
    )
    return frozenset(other for row in connection.execute(near) for other in row) - {person_id}
