"""Whether an action writes, and whether a failed one may have been carried out all the same."""

from __future__ import annotations

import re

from aof_tui.domain.words import Category
from aof_tui.policy.classify import Classified
from aof_tui.policy.phrases import words_of

_TIMEOUT_CODES = frozenset({408, 499, 504, 522, 524, 598, 599})

_READS = re.compile(
    r" (?:get|list|search|find|fetch|read|lookup|look|query|select|download|export|describe|check|count|retrieve|view"
    r"|watch|poll|scan|browse|verify|validate|compare|parse|calculate|new|updated|deleted) "
)


def is_write(operation: str | None) -> bool:
    """Whether a connector's action may change something: every named one that does not begin as a read does."""
    words = words_of(operation or "")
    return words.strip() != "" and _READS.match(words) is None


def may_have_happened(found: Classified, http_code: int | None) -> bool:
    """Whether the answer was lost on the way, so that the other side may have done what was asked."""
    if http_code in _TIMEOUT_CODES:
        return True
    return found.category is Category.TIMEOUT_NETWORK and not found.unsent
