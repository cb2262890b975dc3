"""Writes the next version of the authority's tables: `python -m tests.migration "Invoices have a currency"`.

It compares the newest version with the tables of the program. Read what it wrote: what fills a new column of an old
row, and what is append-only, it can't know. Before the tables change,
`python -m tests.simulators.authority.filled` keeps a database of the version that there is; a test brings it up.
"""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from simulators.authority import migrations

HOME = Path(migrations.__file__).parent


def write(what: str) -> Path:
    """The new module."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        config = through_all_versions(connection)
        number = f"{int(migrations.newest()) + 1:04d}"
        command.revision(config, what, autogenerate=True, rev_id=number)
    engine.dispose()
    (written,) = (HOME / "versions").glob(f"{number}_*.py")
    return written.rename(written.with_name(f"v{written.name}"))


def through_all_versions(connection: Connection) -> Config:
    """Take an empty database from nothing through every version to the newest."""
    config = Config()
    config.set_main_option("script_location", str(HOME))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return config


if __name__ == "__main__":
    print(write(sys.argv[1]))
