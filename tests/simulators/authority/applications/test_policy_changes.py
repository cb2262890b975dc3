"""A new version of a policy and the applications that are open under the old one."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM
from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.office import Office
from simulators.authority.applications.policy_changes import Effect, apply_change
from simulators.authority.applications.review import approve
from simulators.authority.applications.store import by_id
from simulators.authority.applications.usable import usable
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.tables.applications import ApplicationState
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.policies import HOME, PLACE, book
from tests.simulators.authority.applications.staff import POLICY_MAKER, REVIEWER
from tests.simulators.authority.applications.stories import done, hand_in
from tests.simulators.authority.kiosk import SHENZHEN

CHANGE = date(2026, 5, 22)
THEN = NOW + timedelta(days=2)


def changed(hsm: SoftHsm, side: dict[str, Any], transition: str) -> tuple[Office, RegionPolicy]:
    """An office in which one region has a new version from 22 May on."""
    new = {**side, "version": "v2", "valid_from": CHANGE, "transition": transition}
    old = {"valid_to": CHANGE - timedelta(days=1)}
    policies = book(old, None, new) if side is HOME else book(None, old, new)
    policy = policies.in_force(side["region"], CHANGE)
    assert policy is not None
    return Office(hsm, policies), policy


@pytest.mark.req("S2-66", "S2-65")
@pytest.mark.parametrize("side", [HOME, PLACE], ids=["home", "destination"])
def test_whoever_has_an_open_application_hears_of_it_and_keeps_it(
    connection: Connection, hsm: SoftHsm, side: dict[str, Any]
) -> None:
    office, policy = changed(hsm, side, "KEEP")
    approved = hand_in(connection, office, amount_fen=50_000)
    in_review = hand_in(connection, office)

    assert apply_change(connection, office, policy, POLICY_MAKER, THEN) == Effect(1, 0, 0)
    assert apply_change(connection, office, policy, POLICY_MAKER, THEN + timedelta(hours=1)) == Effect(0, 0, 0)
    assert (by_id(connection, approved.id), by_id(connection, in_review.id)) == (approved, in_review)
    told = notices_of(connection, 1)[0]
    assert (told.kind, told.gaps["to"]) == (Notice.POLICY_CHANGED, "v2")


@pytest.mark.req("S2-65")
def test_a_version_that_wants_it_sends_approvals_back_to_a_reviewer(connection: Connection, hsm: SoftHsm) -> None:
    office, policy = changed(hsm, HOME, "RE_REVIEW")
    approved = hand_in(connection, office, amount_fen=50_000)
    in_review = hand_in(connection, office)

    assert apply_change(connection, office, policy, SYSTEM, THEN) == Effect(1, 1, 0)
    again = by_id(connection, approved.id)
    assert (again.state, again.review_round) == (ApplicationState.UNDER_REVIEW, 2)
    assert again.review_due is not None
    assert usable(connection, 1, SHENZHEN, "CASH", THEN) is None
    assert by_id(connection, in_review.id) == in_review

    decided = done(approve(connection, office, approved.id, REVIEWER, THEN))
    assert (decided.state, decided.home_version) == (ApplicationState.APPROVED, "v2")
    assert apply_change(connection, office, policy, SYSTEM, THEN) == Effect(0, 0, 0)


@pytest.mark.req("S2-65")
def test_a_version_that_ends_the_service_cancels_what_is_open(connection: Connection, hsm: SoftHsm) -> None:
    office, policy = changed(hsm, PLACE, "CANCEL")
    made = [hand_in(connection, office, amount_fen=fen) for fen in (50_000, 100_000)]

    assert apply_change(connection, office, policy, POLICY_MAKER, THEN) == Effect(1, 0, 2)
    assert {by_id(connection, each.id).state for each in made} == {ApplicationState.CANCELLED}
    assert usable(connection, 1, SHENZHEN, "CASH", THEN) is None
    assert Notice.CANCELLED in {notice.kind for notice in notices_of(connection, 1)}
