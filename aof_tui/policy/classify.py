"""What kind of error it is: user rules first, then built-in ones by HTTP code, error type, adapter, message."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from aof_tui.domain.model import ErrorParts
from aof_tui.domain.words import Category, RepeatChoice
from aof_tui.policy.http_codes import spoken_code
from aof_tui.policy.phrases import Phrases, Words

DEFAULT_REPEAT = {
    Category.RATE_LIMIT: RepeatChoice.AUTO,
    Category.TIMEOUT_NETWORK: RepeatChoice.AUTO,
    Category.DOWNSTREAM_5XX: RepeatChoice.AUTO,
    Category.ON_PREM_AGENT: RepeatChoice.AUTO,
    Category.UNKNOWN: RepeatChoice.ASK,
}
"""Whether errors of a category are repeated unless a rule says otherwise; the rest never are."""


@dataclass(frozen=True)
class ClassifyRule:
    """One line of knowledge about errors. Within a field any entry matches, and every given field must.

    `message` is searched as it stands, case aside; `phrases` are compared word by word, so that `rate limit` finds
    `RateLimit`, `RATE_LIMIT` and `rate-limit`, and `*` stands for up to five words.
    """

    name: str
    category: Category
    repeat: RepeatChoice | None = None
    http: tuple[int, ...] = ()
    error_type: tuple[str, ...] = ()
    adapter: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    """Phrases whose presence makes the rule not match."""
    yields_to: tuple[Category, ...] = ()
    """Categories that a later signal may find instead, because this one is vague (a bare 400 says little)."""
    builtin: bool = False
    unsent: bool = False
    """The request never reached the other side, so a write cannot have happened."""

    @cached_property
    def wanted(self) -> Phrases:
        return Phrases(self.phrases)

    @cached_property
    def unwanted(self) -> Phrases:
        return Phrases(self.unless)


@dataclass(frozen=True, slots=True)
class Classified:
    """The category, the rule that found it (`none` for unknown errors) and that rule's own wish to repeat, if any."""

    category: Category
    repeat: RepeatChoice | None
    rule: str
    unsent: bool = False

    @property
    def choice(self) -> RepeatChoice:
        """The rule's own wish, else the category's default."""
        return self.repeat or DEFAULT_REPEAT.get(self.category, RepeatChoice.NEVER)


UNKNOWN = Classified(Category.UNKNOWN, None, "none")


class _Signals:
    """An error as rules compare it, prepared once."""

    def __init__(self, error: ErrorParts) -> None:
        self.code = error.http_code or spoken_code(error.text)
        self.error_type = (error.error_type or "").casefold()
        self.adapter = (error.adapter or "").casefold()
        self.text = error.text.casefold()
        self.words = Words(error.text)


_Test = Callable[[ClassifyRule, _Signals], bool]


def _by_code(rule: ClassifyRule, signals: _Signals) -> bool:
    return signals.code is not None and signals.code in rule.http


def _by_type(rule: ClassifyRule, signals: _Signals) -> bool:
    return any(entry.casefold() in signals.error_type for entry in rule.error_type)


def _by_adapter(rule: ClassifyRule, signals: _Signals) -> bool:
    return any(entry.casefold() in signals.adapter for entry in rule.adapter)


def _by_message(rule: ClassifyRule, signals: _Signals) -> bool:
    if rule.message and any(entry.casefold() in signals.text for entry in rule.message):
        return True
    return bool(rule.phrases) and rule.wanted.found_in(signals.words)


_SIGNALS: tuple[_Test, ...] = (_by_code, _by_type, _by_adapter, _by_message)


def _excluded(rule: ClassifyRule, signals: _Signals) -> bool:
    return bool(rule.unless) and rule.unwanted.found_in(signals.words)


def _all_given(rule: ClassifyRule, signals: _Signals) -> bool:
    given = (
        (rule.http, _by_code),
        (rule.error_type, _by_type),
        (rule.adapter, _by_adapter),
        (rule.message or rule.phrases, _by_message),
    )
    return all(test(rule, signals) for entries, test in given if entries) and not _excluded(rule, signals)


def _by_signals(rules: tuple[ClassifyRule, ...], signals: _Signals) -> ClassifyRule | None:
    """The built-in rule of the first signal that says something; a vague one gives way to a later one it yields to."""
    found: ClassifyRule | None = None
    for test in _SIGNALS:
        for rule in rules:
            wanted = found is None or rule.category in found.yields_to
            if wanted and test(rule, signals) and not _excluded(rule, signals):
                found = rule
                break
        if found is not None and not found.yields_to:
            break
    return found


def classify(rules: Iterable[ClassifyRule], error: ErrorParts) -> Classified:
    """The category of an error. User rules, which are those not built in, come first and match by all they name."""
    signals = _Signals(error)
    ordered = tuple(rules)
    own = next((rule for rule in ordered if not rule.builtin and _all_given(rule, signals)), None)
    rule = own or _by_signals(tuple(rule for rule in ordered if rule.builtin), signals)
    return UNKNOWN if rule is None else Classified(rule.category, rule.repeat, rule.name, rule.unsent)
