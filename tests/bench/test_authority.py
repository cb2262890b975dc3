"""The benchmark itself: that its terminals draw money from an authority in another process."""

import pytest

from tests import postgresql
from tests.bench import authority


@pytest.mark.real_time
def test_every_sample_has_withdrawals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "SECONDS", 0.2)
    monkeypatch.setattr(authority, "TERMINALS", 3)
    monkeypatch.setattr(authority, "AGREED_TERMINALS", 6)
    monkeypatch.setattr(authority, "PEOPLE", 5)
    monkeypatch.setattr(postgresql, "programs", lambda: None)
    (measured,) = authority.measure(2)

    assert measured.database == "SQLite"
    assert measured.withdrawals.median > 0
    assert measured.yardstick.median > 0
    assert 0 < measured.agreed.median <= measured.agreed_p99.median
