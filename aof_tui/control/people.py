"""Who is at the other end of a socket, as the kernel says, and what they may do."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import socket
import struct
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from aof_tui.base.clock import Clock
from aof_tui.control.wire import Role

ROOT_UID = 0
KEPT_S = 60.0
"""How long a user's groups are believed before they are looked up again."""
MOST_KEPT = 256
GROUP_MARK = "@"


@dataclass(frozen=True, slots=True)
class Person:
    """A user of this machine with the names of their groups."""

    name: str
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request; `role` None may do nothing."""

    name: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may do what. Names of users, or of groups with @ before them."""

    owner_uid: int = field(default_factory=os.getuid)
    group: str | None = None
    viewers: Collection[str] = ()
    operators: Collection[str] = ()

    def role_of(self, uid: int, person: Person) -> Role | None:
        """The engine's own user and root may do all; others what a list says, members of the group what is left."""
        if uid in (self.owner_uid, ROOT_UID) or _is_named(person, self.operators):
            return Role.OPERATOR
        if _is_named(person, self.viewers):
            return Role.VIEWER
        if self.group is None or self.group not in person.groups:
            return None
        return Role.VIEWER if self.operators else Role.OPERATOR


def _is_named(person: Person, names: Collection[str]) -> bool:
    return person.name in names or any(f"{GROUP_MARK}{group}" in names for group in person.groups)


def peer_uid(connection: socket.socket) -> int:
    """The user at the other end. Raises OSError."""
    if sys.platform == "linux":
        _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return int(uid)
    # Elsewhere a socket is never shared with a group: who can reach it is the user it belongs to.
    return os.getuid()


def person_of(uid: int) -> Person:
    """A user as this machine's lists of users and groups name them; may ask a server on the network."""
    try:
        user = pwd.getpwuid(uid)
        groups = os.getgrouplist(user.pw_name, user.pw_gid)
    except (KeyError, OSError):
        return Person(f"uid-{uid}")
    return Person(user.pw_name, frozenset(map(_group_name, groups)))


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except (KeyError, OSError):
        return str(gid)


class Admission:
    """Tells callers apart, and remembers them for a minute."""

    def __init__(self, rules: Rules, clock: Clock, look_up: Callable[[int], Person] = person_of) -> None:
        self._rules = rules
        self._clock = clock
        self._look_up = look_up
        self._known: dict[int, tuple[float, Caller]] = {}

    async def caller(self, uid: int) -> Caller:
        """Who that is and what they may do."""
        until, caller = self._known.get(uid, (0.0, None))
        if caller is not None and self._clock.boot() < until:
            return caller
        person = await asyncio.to_thread(self._look_up, uid)
        caller = Caller(person.name, self._rules.role_of(uid, person))
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[uid] = (self._clock.boot() + KEPT_S, caller)
        return caller
