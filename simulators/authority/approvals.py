"""Which approved application a payout draws on, and what is left of it."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection

from simulators.authority.applications.usable import Misfit, Reason, Usable, usables, why_none
from simulators.authority.ledger.usage import applications_used
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.question import Approved, Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.terms import case_of, terms_of
from simulators.authority.policy.vocabulary import PayoutMode, Purpose, PurposeDetail, Stage, Transition
from simulators.authority.tables.applications import ApplicationState

_BOUND = frozenset({Misfit.OTHER_PLACE, Misfit.OTHER_PROVIDER, Misfit.OTHER_MODE})


def approved(
    connection: Connection,
    person_id: int,
    home: RegionPolicy,
    place: RegionPolicy,
    ask: Ask,
    policies: PolicyBook | None,
) -> Approved | None:
    """The application that ends first and has something left.

    Where none serves and no standing approval does, one that is used up or bound elsewhere is told, so that a refusal
    can name it.
    """
    if ask.stage is not Stage.PAYOUT:
        return None
    asked = (connection, person_id, place.region, ask.mode, ask.at, ask.provider)
    found = list(usables(*asked))
    used = applications_used(connection, [each.application_id for each in found]) if found else {}
    left = [(each, each.approved_fen - used.get(each.application_id, 0)) for each in found]
    serving = next(((each, fen) for each, fen in left if fen > 0), None)
    if serving is not None:
        return _approved(*serving, _transition(serving[0], home, place, ask, policies))
    if _standing_fen(home, place, ask):
        return None
    if found := found or list(usables(*asked, ApplicationState.USED_UP)):
        return _approved(found[-1], 0, Transition.KEEP)
    return _elsewhere(why_none(*asked), ask)


def _approved(told: Usable, remaining_fen: int, transition: Transition) -> Approved:
    return Approved(
        application_id=told.application_id,
        remaining_fen=max(0, remaining_fen),
        purpose=Purpose(told.purpose),
        detail=PurposeDetail(told.purpose_detail),
        situation=told.situation,
        place=told.place,
        provider=told.provider,
        mode=None if told.mode is None else PayoutMode(told.mode),
        proof=told.proven,
        payee_account_id=told.payee_account_id,
        transition=transition,
    )


def _transition(
    told: Usable, home: RegionPolicy, place: RegionPolicy, ask: Ask, policies: PolicyBook | None
) -> Transition:
    """The strictest word of the versions of both regions that came since."""
    if policies is None:
        return Transition.KEEP
    today = ask.at.date()
    pairs = ((home.region, told.home_version), (place.region, told.place_version))
    return max((policies.transition(region, under, today) for region, under in pairs), key=list(Transition).index)


def _standing_fen(home: RegionPolicy, place: RegionPolicy, ask: Ask) -> int:
    between = pooling_region(home.region) != pooling_region(place.region)
    case = case_of(ask, Facts(), between_cities=between)
    return min(terms_of(policy, case).standing_approval_fen for policy in ((home, place) if between else (home,)))


def _elsewhere(reasons: Sequence[Reason], ask: Ask) -> Approved | None:
    """The latest application whose only fault is that it is bound to something else."""
    for number, group in groupby(reasons, key=lambda reason: reason.number):
        misfits = {reason.misfit: reason.value for reason in group}
        if number is not None and misfits.keys() <= _BOUND:
            mode = misfits.get(Misfit.OTHER_MODE)
            return Approved(
                application_id=None,
                remaining_fen=ask.amount_fen or 0,
                purpose=ask.purpose,
                place=misfits.get(Misfit.OTHER_PLACE),
                provider=misfits.get(Misfit.OTHER_PROVIDER),
                mode=None if mode is None else PayoutMode(mode),
            )
    return None
