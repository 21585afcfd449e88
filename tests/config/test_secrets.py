"""Where secrets are read from, and from where not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.config.secrets import MAX_BYTES, SecretError, SecretRef, refusal

TOKEN = "wrkaus-t0p-s3cr3t"


def secret_file(folder: Path, content: bytes = TOKEN.encode(), mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def resolved(path: Path, environ: dict[str, str] | None = None) -> str:
    return SecretRef.parse(f"file:{path}").resolve(environ or {}).reveal()


def test_an_environment_variable_is_read_when_asked_for() -> None:
    reference = SecretRef.parse("env:WORKATO_TOKEN")
    assert reference.resolve({"WORKATO_TOKEN": "old"}).reveal() == "old"
    assert reference.resolve({"WORKATO_TOKEN": "new"}).reveal() == "new"


@pytest.mark.parametrize("environ", [{}, {"WORKATO_TOKEN": ""}])
def test_a_missing_variable_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(SecretError, match=r"^env:WORKATO_TOKEN: is not set$"):
        SecretRef.parse("env:WORKATO_TOKEN").resolve(environ)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_is_read_without_its_last_line_end(tmp_path: Path, end: str) -> None:
    assert resolved(secret_file(tmp_path, f"{TOKEN}{end}".encode())) == TOKEN


def test_a_rotated_file_is_read_anew(tmp_path: Path) -> None:
    path = secret_file(tmp_path)
    reference = SecretRef.parse(f"file:{path}")
    assert reference.resolve({}).reveal() == TOKEN
    path.write_text("rotated")
    assert reference.resolve({}).reveal() == "rotated"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"one\ntwo\n", "more than one line"),
        (b"a\r\nX-Header: b", "more than one line"),
        (b"a\x00b", "more than one line"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * (MAX_BYTES + 1), "larger than 64 KiB"),
    ],
)
def test_content_that_is_no_secret_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SecretError, match=message):
        resolved(secret_file(tmp_path, content))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o666])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SecretError, match=r"chmod 600") as caught:
        resolved(secret_file(tmp_path, mode=mode))
    assert TOKEN not in str(caught.value)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(secret_file(tmp_path))
    with pytest.raises(SecretError, match="symbolic link"):
        resolved(link)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(SecretError, match="not a regular file"):
        resolved(pipe)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="directory"):
        resolved(tmp_path)
    with pytest.raises(SecretError, match="No such file"):
        resolved(tmp_path / "absent")


@given(st.integers(0, 0o777), st.booleans())
def test_only_the_owner_may_have_access(mode: int, root: bool) -> None:
    why = refusal(stat.S_IFREG | mode, 0 if root else 1000, 1000, is_credential=False)
    assert (why is None) == (mode & 0o077 == 0)


def test_a_file_of_another_user_is_refused() -> None:
    assert refusal(stat.S_IFREG | 0o600, 1001, 1000, is_credential=False) == "belongs to another user"


def test_a_credential_of_systemd_may_show_the_mask_of_its_access_list() -> None:
    regular = stat.S_IFREG
    assert refusal(regular | 0o440, 0, 1000, is_credential=True) is None
    assert refusal(regular | 0o440, 0, 1000, is_credential=False) is not None
    assert refusal(regular | 0o440, 1000, 1000, is_credential=True) is not None
    assert refusal(regular | 0o444, 0, 1000, is_credential=True) is not None
    assert refusal(regular | 0o460, 0, 1000, is_credential=True) is not None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a file of root")
def test_a_credential_is_known_by_its_folder(tmp_path: Path) -> None:
    path = secret_file(tmp_path, mode=0o440)
    assert resolved(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == TOKEN
    with pytest.raises(SecretError):
        resolved(path, {"CREDENTIALS_DIRECTORY": str(tmp_path.parent)})


@pytest.mark.parametrize(
    "text", ["", "env:", "env:1X", "env:A-B", "env:A=B", "file:", "file:\0", "file:\ud800", TOKEN, "vault:x", "ENV:X"]
)
def test_other_references_are_refused_with_advice(text: str) -> None:
    with pytest.raises(ValueError, match=r"write env:NAME, or in a file and write file:/path$") as caught:
        SecretRef.parse(text)
    assert TOKEN not in str(caught.value)


def test_the_home_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^names a home folder that is not known$"):
        SecretRef.parse("file:~nosuchuser/token")


def test_a_relative_file_is_taken_from_the_given_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/me")
    assert str(SecretRef.parse("file:token", Path("/etc/aof-tui"))) == "file:/etc/aof-tui/token"
    assert str(SecretRef.parse("file:/run/token", Path("/etc/aof-tui"))) == "file:/run/token"
    assert str(SecretRef.parse("file:~/token")) == "file:/users/me/token"
