"""What other rooms say when they refuse, as this line tells it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from simulators.authority.applications import problems as applications
from simulators.authority.applications.texts import problem_text
from simulators.authority.invoices import refusal as invoices
from simulators.authority.invoices.words import problem_text as invoice_text
from simulators.authority.people import refusal as people
from simulators.authority.policy.vocabulary import Rule
from simulators.authority.service_line.refusal import Problem, Refused
from simulators.authority.service_line.texts import DEFAULT_LANGUAGE, ENGLISH, person_text
from simulators.authority.supervision import refusal as supervision
from simulators.authority.supervision.words import problem_text as supervision_text


def of_people(problems: Iterable[people.Problem]) -> Refused:
    """What is wrong about a person or card."""
    return Refused(*(_said(each.key, each.field, person_text) for each in problems))


def of_invoices(refused: invoices.Refused) -> Refused:
    """What is wrong about an invoice or settlement case."""
    return Refused(*(_said(each.key, each.field, invoice_text) for each in refused.problems))


def of_supervision(refused: supervision.Refused) -> Refused:
    """Why supervision does not do it."""
    return Refused(*(_said(each.key, each.field, supervision_text) for each in refused.problems))


def of_application(refused: applications.Refused) -> Refused:
    """What is wrong about an application; a rule of a policy comes with its region and version.

    What may be appealed is named by a last reason, as in `refusal:17`.
    """
    problems = [_application(each) for each in refused.problems]
    if refused.refusal_id is not None:
        problems.append(Problem("may_be_appealed", value=f"refusal:{refused.refusal_id}"))
    return Refused(*problems)


KEY = TypeVar("KEY", bound=str)


def _said(key: KEY, field: str, words: Callable[[KEY, str], str]) -> Problem:
    return Problem(key, field, text=words(key, DEFAULT_LANGUAGE), text_en=words(key, ENGLISH))


def _application(problem: applications.Problem) -> Problem:
    text, english = problem_text(problem), problem_text(problem, ENGLISH)
    if problem.key in set(Rule):
        region, _, version = problem.value.partition(":")
        known = region if region.isdecimal() and len(region) == 6 else None
        return Problem(problem.key, problem.field, known, version or None, text=text, text_en=english)
    return Problem(problem.key, problem.field, value=problem.value or None, text=text, text_en=english)
