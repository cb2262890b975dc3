"""A database that somebody has worked with, kept as the rows of every table at one version of the tables.

`python -m tests.simulators.authority.filled` writes the rows of today's version; that of an earlier one can't be made
again. A test pours them into empty tables of their version and has the program bring these up to its own.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Connection, Date, Engine, LargeBinary, MetaData, Table, insert, select, text

from protocol.money_line import CashReply
from simulators.authority import migrations
from simulators.authority.actors import Actor, Role
from simulators.authority.applications.seeds import Granted
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.supervision.orders import Subject, order
from simulators.authority.tables.supervision import Measure
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, YI, Clock, Kiosk, make_authority

HOME = Path(__file__).parents[2] / "vectors" / "authority"

Rows = Mapping[str, list[dict[str, str | int | None]]]
"""The rows of each table, in the order of its primary key; bytes are hex, dates ISO 8601."""


def work(database: Database) -> Authority:
    """Two people draw at two kiosks: on an application and without, in cash and by transfer; one hold is open."""
    clock = Clock()
    authority = make_authority(clock, JIA, YI, database=database)
    kiosk = Kiosk(authority)
    far = Kiosk(authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    for each in (kiosk, far):
        each.sign_on()
    authority.grant(JIA.pan, Granted(WEIHAI, 300_000))
    kiosk.confirm(kiosk.cash(50_000), 50_000)
    clock.pass_(minutes=20)
    assert kiosk.transfer(20_000).code == "00"
    clock.pass_(minutes=20)
    request = kiosk.cash_request(10_000)
    kiosk.tell(request, CashReply)
    kiosk.reverse(request)
    clock.pass_(minutes=20)
    assert far.cash(30_000).code == "00"
    with database.transaction() as connection:
        by = Actor(Role.SUPERVISOR, "supervisor:zhou")
        due = clock.now() + timedelta(days=30)
        subject = Subject.provider(far.merchant)
        order(connection, by, clock.now(), subject, Measure.RECTIFICATION, "notes run out", to_at=due)
    return authority


def read(path: Path) -> Rows:
    """The rows that were kept in a file, of the tables that had any."""
    rows: Rows = json.loads(path.read_text(encoding="utf-8"))
    return rows


def rows_of(engine: Engine) -> Rows:
    """Every row that is there."""
    with engine.connect() as connection:
        return {
            table.name: [
                {column.name: _written(row[column.name]) for column in table.columns}
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in _tables(connection)
        }


def make_tables(engine: Engine, version: str) -> None:
    """The empty tables of a version."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def pour(engine: Engine, rows: Rows) -> None:
    """Fill empty tables of the rows' version."""
    with engine.begin() as connection:
        for table in _tables(connection):
            if table.name not in rows:
                continue
            read = [
                {column.name: _read(column, row[column.name]) for column in table.columns} for row in rows[table.name]
            ]
            connection.execute(insert(table), read)
            if engine.dialect.name == "postgresql" and "id" in table.columns:
                last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                if connection.scalar(text(f"SELECT pg_get_serial_sequence('{table}', 'id')")) is not None:
                    connection.execute(text(last))


def _tables(connection: Connection) -> list[Table]:
    """What the database says that it has, each after those it points to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _written(value: object) -> str | int | None:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    assert value is None or isinstance(value, str | int)
    return value


def _read(column: Column[object], value: str | int | None) -> object:
    if isinstance(value, str) and isinstance(column.type, LargeBinary):
        return bytes.fromhex(value)
    if isinstance(value, str) and isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value


def _text(rows: Rows) -> str:
    """JSON with a line for each row, of the tables that have any."""
    tables = []
    for table, its_rows in sorted(rows.items()):
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in its_rows)
        tables += [f'"{table}": [\n{lines}\n]'] if its_rows else []
    return "{\n" + ",\n".join(tables) + "\n}\n"


def main() -> None:
    """Write the rows of today's version."""
    HOME.mkdir(exist_ok=True)
    database = Database()
    work(database)
    path = HOME / f"{migrations.newest()}.json"
    path.write_text(_text(rows_of(database.engine)), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
