"""Who may do what, and who the kernel says it is."""

from __future__ import annotations

import os
import pwd
import socket

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.control.people import Admission, Person, Rules, peer_uid, person_of
from aof_tui.control.wire import Role

ENGINE, ANA = 990, 1001
MEMBER = Person("ana", frozenset({"aof", "staff"}))
STRANGER = Person("eve", frozenset({"staff"}))


@pytest.mark.parametrize(
    ("rules", "uid", "person", "role"),
    [
        (Rules(ENGINE), ENGINE, STRANGER, Role.OPERATOR),
        (Rules(ENGINE), 0, STRANGER, Role.OPERATOR),
        (Rules(ENGINE), ANA, MEMBER, None),
        (Rules(ENGINE, "aof"), ANA, MEMBER, Role.OPERATOR),
        (Rules(ENGINE, "aof"), ANA, STRANGER, None),
        (Rules(ENGINE, "aof", viewers=["ana"]), ANA, MEMBER, Role.VIEWER),
        (Rules(ENGINE, "aof", viewers=["@staff"]), ANA, MEMBER, Role.VIEWER),
        (Rules(ENGINE, "aof", operators=["bob"]), ANA, MEMBER, Role.VIEWER),
        (Rules(ENGINE, "aof", operators=["@staff"]), ANA, MEMBER, Role.OPERATOR),
        (Rules(ENGINE, "aof", operators=["ana"], viewers=["ana"]), ANA, MEMBER, Role.OPERATOR),
        (Rules(ENGINE, "aof", operators=["staff"]), ANA, STRANGER, None),
        (Rules(ENGINE, "aof", viewers=["aof"]), ANA, STRANGER, None),
    ],
)
def test_roles(rules: Rules, uid: int, person: Person, role: Role | None) -> None:
    assert rules.role_of(uid, person) is role


def test_the_kernel_names_the_peer() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        assert peer_uid(ours) == os.getuid()


def test_a_user_is_named_with_their_groups() -> None:
    me = person_of(os.getuid())
    assert me.name == pwd.getpwuid(os.getuid()).pw_name
    assert me.groups
    assert person_of(3_999_999) == Person("uid-3999999")


async def test_a_user_is_looked_up_once_a_minute() -> None:
    asked: list[int] = []

    def look_up(uid: int) -> Person:
        asked.append(uid)
        return MEMBER

    admission = Admission(Rules(ENGINE, "aof"), SystemClock(), look_up)
    for _ in range(3):
        assert (await admission.caller(ANA)).role is Role.OPERATOR
    assert asked == [ANA]
    for uid in range(2_000, 2_600):
        await admission.caller(uid)
    assert len(admission._known) <= 256
