"""Books with two people, a terminal at home of neither, and a decision to hold on to."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from simulators.authority.database import Database
from tests.simulators.authority.ledger.books import open_books


@pytest.fixture
def connection() -> Iterator[Connection]:
    """Person 1 is JIA of Weihai with 10,000 yuan, person 2 YI of Suzhou with 5,000; the terminal stands in Shenzhen."""
    with Database().transaction() as connection:
        open_books(connection)
        yield connection
