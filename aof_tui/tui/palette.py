"""The command palette, made from the action table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from aof_tui.tui.actions import ACTIONS, Action, Scope, key_name


class ActionCommands(Provider):
    """Every action but moving in a list."""

    @property
    def _actions(self) -> tuple[Action, ...]:
        return tuple(action for action in ACTIONS if action.scope is not Scope.LIST and action.id != "palette")

    def _command(self, action: Action) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, f"do('{action.id}')")

    async def discover(self) -> Hits:
        for action in self._actions:
            yield DiscoveryHit(_named(action), self._command(action), help=action.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._actions:
            name = _named(action)
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), self._command(action), help=action.help)


def _named(action: Action) -> str:
    return f"{action.title} ({key_name(action.keys[0])})"
