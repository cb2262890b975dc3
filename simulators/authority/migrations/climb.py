"""Takes a database from its version up to the newest, by Alembic; loaded only where there is something to climb."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def climb(connection: Connection) -> None:
    """In the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
