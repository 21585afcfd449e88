from __future__ import annotations

import pytest

from aof_tui.domain.words import Category, Severity
from aof_tui.policy.match import Match, RecipeFacts, Subject
from aof_tui.policy.route import Route, route

RECIPE = RecipeFacts("42", "Orders to ERP", "p1", "Finance", ("billing", "tag-9"), ("netsuite",))
SUBJECT = Subject(Category.AUTH_CONNECTION, Severity.ERROR, RECIPE)


@pytest.mark.parametrize(
    "match",
    [
        Match(),
        Match(category=(Category.UNKNOWN, Category.AUTH_CONNECTION)),
        Match(severity=(Severity.ERROR,)),
        Match(recipe=("7", "42")),
        Match(recipe=(" orders to erp ",)),
        Match(project=("FINANCE",)),
        Match(project=("p1",)),
        Match(tag=("tag-9",)),
        Match(application=("NetSuite",)),
        Match((Category.AUTH_CONNECTION,), (Severity.ERROR,), ("42",), ("p1",), ("billing",), ("netsuite",)),
    ],
)
def test_any_entry_of_every_given_list_matches(match: Match) -> None:
    assert match.fits(SUBJECT)


@pytest.mark.parametrize(
    "match",
    [
        Match(category=(Category.UNKNOWN,)),
        Match(severity=(Severity.CRITICAL,)),
        Match(recipe=("4",)),
        Match(project=("Fin",)),
        Match(tag=("9",)),
        Match(application=("slack",)),
        Match((Category.AUTH_CONNECTION,), recipe=("43",)),
    ],
)
def test_one_list_without_the_subject_is_enough_not_to_match(match: Match) -> None:
    assert not match.fits(SUBJECT)


def test_an_incident_without_a_recipe_matches_no_recipe_list() -> None:
    subject = Subject(Category.UNKNOWN, Severity.ERROR)
    assert Match().fits(subject)
    assert not Match(recipe=("",)).fits(subject)
    assert not Match(project=("Finance",)).fits(subject)


ADMINS = Route(("admins",), Match(category=(Category.AUTH_CONNECTION,)))
FINANCE = Route(("finance", "audit"), Match(project=("Finance",)), goes_on=True)
ONCALL = Route(("oncall", "audit"))


@pytest.mark.parametrize(
    ("routes", "receivers"),
    [
        ((), ()),
        ((ADMINS, ONCALL), ("admins",)),
        ((FINANCE, ADMINS, ONCALL), ("finance", "audit", "admins")),
        ((FINANCE, ONCALL), ("finance", "audit", "oncall")),
        ((FINANCE,), ("finance", "audit")),
        ((Route(("x",), Match(recipe=("7",))), ONCALL), ("oncall", "audit")),
    ],
)
def test_the_first_matching_route_ends_the_search_unless_it_goes_on(
    routes: tuple[Route, ...], receivers: tuple[str, ...]
) -> None:
    assert route(routes, SUBJECT) == receivers
