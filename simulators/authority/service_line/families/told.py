"""What other rooms say when they refuse, as this line tells it."""

from collections.abc import Iterable

from simulators.authority.applications import problems as applications
from simulators.authority.people import refusal as people
from simulators.authority.policy.vocabulary import Rule
from simulators.authority.policy.words import DEFAULT_LANGUAGE, Words
from simulators.authority.service_line.refusal import Problem, Refused
from simulators.authority.service_line.texts import person_text, rule_text, texts


def of_people(problems: Iterable[people.Problem]) -> Refused:
    """What is wrong about a person or card."""
    return Refused(*(Problem(each.key, each.field, text=person_text(each.key)) for each in problems))


def of_application(refused: applications.Refused) -> Refused:
    """What is wrong about an application; a rule of a policy comes with its region and version.

    What may be appealed is named by a last reason, as in `refusal:17`.
    """
    problems = [_application(each) for each in refused.problems]
    if refused.refusal_id is not None:
        problems.append(
            Problem("may_be_appealed", value=f"refusal:{refused.refusal_id}", text=texts("reasons")["may_be_appealed"])
        )
    return Refused(*problems)


def finding(field: str, key: str) -> str:
    """One thing to be mended, in words."""
    return _application(applications.Problem(field, key)).text or key


def _application(problem: applications.Problem) -> Problem:
    if problem.key in set(Rule):
        region, _, version = problem.value.partition(":")
        known = region if region.isdecimal() and len(region) == 6 else None
        return Problem(problem.key, problem.field, known, version or None, text=rule_text(problem.key))
    said = texts("application").get(problem.key, problem.key)
    return Problem(problem.key, problem.field, value=problem.value or None, text=f"{_field(problem.field)}:{said}")


def _field(field: str) -> str:
    if field.startswith("document."):
        return Words(DEFAULT_LANGUAGE).name(field.removeprefix("document."))
    return texts("field").get(field, field)
