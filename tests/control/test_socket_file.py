"""Where the socket lies, who can reach it, and that a live one is never taken."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from aof_tui.base.errors import UsageError
from aof_tui.control.socket_file import SocketError, answers, check_length, listen, socket_places
from tests.control.served import short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_only_the_own_user_reaches_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        place = listen(folder / "run" / "a.sock")
    finally:
        os.umask(before)
    with place.listener:
        assert (mode(folder / "run"), mode(place.path)) == (0o700, 0o600)
        assert answers(place.path)
        place.remove()
    assert not place.path.exists()


def test_a_group_reaches_it(folder: Path) -> None:
    gid = os.getgid()
    place = listen(folder / "run" / "a.sock", gid)
    with place.listener:
        assert (mode(folder / "run"), mode(place.path)) == (0o750, 0o660)
        assert {(folder / "run").stat().st_gid, place.path.lstat().st_gid} == {gid}


def test_a_service_that_may_change_no_owners_opens_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_anything: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    with listen(folder / "run" / "a.sock", os.getgid()).listener:
        assert mode(folder / "run" / "a.sock") == 0o660
    with pytest.raises(SocketError, match="Operation not permitted"):
        listen(folder / "other" / "a.sock", os.getgid() + 1)


def test_a_directory_with_other_uses_is_never_changed(folder: Path) -> None:
    shared = folder / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    with pytest.raises(SocketError, match=r"open to others \(mode 0755\): name one of its own, or chmod 0700 "):
        listen(shared / "a.sock")
    with pytest.raises(SocketError, match=r"open to others \(mode 0755\).* chmod 0750 "):
        listen(shared / "a.sock", os.getgid())
    assert mode(shared) == 0o755
    shared.chmod(0o700)
    with pytest.raises(SocketError, match="must have mode 0750 and the socket's group"):
        listen(shared / "a.sock", os.getgid())


def test_one_that_was_left_over_is_replaced(folder: Path) -> None:
    path = folder / "a.sock"
    listen(path).listener.close()
    assert not answers(path)
    with listen(path).listener:
        assert answers(path)


def test_a_live_one_is_never_taken(folder: Path) -> None:
    path = folder / "a.sock"
    with listen(path).listener as living:
        with pytest.raises(SocketError, match="another engine answers at"):
            listen(path)
        assert answers(path)
        assert living.fileno() >= 0


def test_something_else_in_its_place_stays(folder: Path) -> None:
    path = folder / "a.sock"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(SocketError, match="it is no socket"):
        listen(path)
    assert path.read_text(encoding="utf-8") == "precious"


def test_what_took_its_place_is_not_removed(folder: Path) -> None:
    first = listen(folder / "a.sock")
    first.listener.close()
    with listen(folder / "a.sock").listener:
        first.remove()
        assert answers(folder / "a.sock")


def test_a_path_no_kernel_can_bind_is_told_before(folder: Path) -> None:
    long = folder / ("x" * (100 - len(str(folder))))
    with pytest.raises(UsageError, match=r"has 101 bytes; it may have 100"):
        listen(long)
    check_length(long.with_name(long.name[:-1]))
    with pytest.raises(UsageError):
        check_length(folder / ("ü" * 45))


def test_a_socket_in_a_directory_that_cannot_be_made_is_one_line(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    with pytest.raises(SocketError, match="cannot be opened: "):
        listen(folder / "file" / "run" / "a.sock")


def test_sessions_of_a_user_look_where_the_engine_may_be(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    store = folder / "aof.db"
    with_session = socket_places(store, {"XDG_RUNTIME_DIR": str(folder)})
    without = socket_places(store, {})
    assert [place.parent for place in with_session] == [folder / "aof-tui", folder / "state" / "aof-tui" / "run"]
    assert without == with_session[1:]
    assert socket_places(store, {"XDG_RUNTIME_DIR": str(folder / "gone")}) == without
    assert socket_places(folder / "other.db", {}) != without
    (folder / "link.db").symlink_to(store)
    assert socket_places(folder / "link.db", {}) == without


def test_a_name_that_nobody_listens_at_answers_nothing(folder: Path) -> None:
    assert not answers(folder / "none.sock")
    with socket.socket(socket.AF_UNIX) as unheard:
        unheard.bind(str(folder / "bound.sock"))
        assert not answers(folder / "bound.sock")
