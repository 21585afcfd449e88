"""The causes of failed jobs, and the words that jobs and their errors are described in."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from aof_tui.base.clock import rfc3339
from aof_tui.domain.words import Category
from aof_tui.simulator.draws import Draws
from aof_tui.simulator.state import Flaw, SimRecipe, SimRun

CALL_FAILED = "Recipe function error"
_NAMES = ("ada", "björn", "chen", "dina", "emeka", "fatima", "grace", "hiro")
_DAY = 86_400.0
_HOSTILE = (
    "\x1b]0;owned\x07 pager \x1b[31mred\x1b[0m",
    "[bold red]not markup[/] [@click=app.quit]x[/]",
    "invoice \u202etxt.exe\u202c \u200bzero\u200bwidth",
    "<!channel> <@U0AOF> <https://example.com|safe> `x`",
    "first line\r\nBcc: victim@example.com",
    '=HYPERLINK("https://example.com") \'; DROP TABLE jobs; -- ${token} {token} %s',
)


@cache
def flaws() -> dict[Category, tuple[Flaw, ...]]:
    """Every known cause by category, in the order of the file."""
    text = (resources.files("aof_tui.simulator") / "errors.yaml").read_text(encoding="utf-8")
    found: dict[Category, list[Flaw]] = {category: [] for category in Category}
    for entry in yaml.safe_load(text):
        category = Category(entry["category"])
        found[category].append(
            Flaw(
                category=category,
                error_type=entry["type"],
                message=entry["message"],
                http=entry.get("http"),
                applications=tuple(entry.get("apps", ())),
                inner=entry.get("inner"),
            )
        )
    return {category: tuple(causes) for category, causes in found.items()}


def pick_flaw(draws: Draws, recipe: SimRecipe, category: Category, key: str | int, application: str = "") -> Flaw:
    """A cause of that category which the recipe (or the application given) can meet; a recipe meets few of them."""
    applications = (application,) if application else recipe.applications
    fitting = [
        flaw
        for flaw in flaws()[category]
        if not flaw.applications or any(name in applications for name in flaw.applications)
    ]
    own = draws.whole(2, recipe.recipe_id, category, key, "own")
    return draws.choose(fitting, recipe.recipe_id, category, own, application)


def call_failed(flaw: Flaw) -> Flaw:
    """How a failure in a called recipe shows in the calling one."""
    return Flaw(flaw.category, CALL_FAILED, f"Call to recipe function failed: {flaw.message}", flaw.http)


def describe_error(draws: Draws, run: SimRun, flaw: Flaw) -> str:
    """The error's message with the values of this run."""
    message = flaw.message.format_map(_Values(draws, run))
    return f"{message} {_hostile(draws, run, 'error')}" if run.recipe.group.hostile else message


def describe_title(draws: Draws, run: SimRun) -> str:
    """The job's title: what triggered it. The same for every run of a lineage."""
    if run.erased:
        return ""
    first = run.lineage.runs[0]
    if run.is_poll_error and first.flaw is not None:
        return f"{first.flaw.error_type}: {describe_error(draws, first, first.flaw)}"
    trigger = "call" if first.calling is not None else first.recipe.group.trigger
    values = _Values(draws, first)
    if first.calling is not None:
        values["calling_job"] = first.calling.job_id
        values["calling_recipe"] = str(first.calling.recipe.recipe_id)
    title = _TITLES.get(trigger, _TITLES["webhook"]).format_map(values)
    return f"{title} {_hostile(draws, first, 'title')}" if run.recipe.group.hostile else title


def _hostile(draws: Draws, run: SimRun, what: str) -> str:
    return draws.choose(_HOSTILE, run.lineage.master_id, what)


_TITLES = {
    "clock": "Scheduler by Workato: new recurring event: Scheduled time={time}",
    "salesforce": "Salesforce: New/updated record: ID={record}, Amount={amount}, Email={email}",
    "shopify": "Shopify: New order: Order={order}, Total={amount}, Customer={email}",
    "netsuite": "NetSuite: New/updated record: Internal ID={id}, Date={date}",
    "jira": "Jira: New issue: Key=OPS-{small}, Reporter={email}",
    "slack": "Workbot for Slack: New command: User=U{hex}, Channel=C{hex}",
    "call": (
        "Recipe function by Workato: new call for function: Calling job ID={calling_job}, "
        "Calling recipe ID={calling_recipe}, and ID={hex}"
    ),
    "webhook": "Webhooks: new event via webhook: Accept=*/*, Content length={small}, ID={uuid}",
}


class _Values(dict[str, str]):
    """Values for a text, made when asked for, the same ones for the same run."""

    def __init__(self, draws: Draws, run: SimRun) -> None:
        super().__init__()
        self._draws = draws
        self._job_id = run.job_id
        self._at = run.created_at

    def __missing__(self, name: str) -> str:
        value = self._make(name)
        self[name] = value
        return value

    def _make(self, name: str) -> str:
        draws, job_id = self._draws, self._job_id
        makers = {
            "email": lambda: f"{draws.choose(_NAMES, job_id, name)}.{draws.whole(900, job_id, name, 2)}@example.com",
            "id": lambda: str(10_000 + draws.whole(9_000_000, job_id, name)),
            "small": lambda: str(1 + draws.whole(90, job_id, name)),
            "order": lambda: f"SO-{100_000 + draws.whole(900_000, job_id, name)}",
            "record": lambda: f"0065g00000{draws.letters(8, job_id, name)}",
            "amount": lambda: f"{draws.between((5, 9_000), job_id, name):.2f}",
            "uuid": lambda: draws.uuid(job_id, name),
            "hex": lambda: draws.hexadecimal(8, job_id, name),
            "time": lambda: rfc3339(self._at),
            "date": lambda: rfc3339(self._at - _DAY * draws.whole(300, job_id, name))[:10],
        }
        return makers[name]()
