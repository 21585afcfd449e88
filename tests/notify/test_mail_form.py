"""Mails: one header each, threads by incident, and no text of others in a header or as HTML."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.words import NoticeKind
from aof_tui.notify.message import Message
from aof_tui.notify.render.mail import email_message, mail_id
from aof_tui.notify.render.plain import plain_text
from tests.notify.samples import AT, HOSTILE, messages, notice, report, texts

SENDER = "aof@example.com"
TO = ("ana@example.com", "bob@example.com")
ALONE = ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
IN_THREAD = ["In-Reply-To", "References"]


def mailed(message: Message, reference: str = "n-1") -> EmailMessage:
    """The mail as a receiver's program reads it."""
    raw = email_message(message, reference, sender=SENDER, recipients=TO).as_bytes()
    read = email.message_from_bytes(raw, policy=default)
    assert isinstance(read, EmailMessage)
    return read


def part(mail: EmailMessage, subtype: str) -> str:
    body = mail.get_body((subtype,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n").rstrip("\n")


@given(messages)
def test_headers_are_ours_alone(message: Message) -> None:
    raw = email_message(message, "n-1", sender=SENDER, recipients=TO).as_bytes()
    head = raw.split(b"\r\n\r\n")[0].decode("ascii")
    names = [line.split(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) in (sorted(ALONE), sorted(ALONE + IN_THREAD))
    assert not re.search("[\r\n]", head.replace("\r\n", ""))
    mail = mailed(message)
    assert mail["To"] == ", ".join(TO)
    assert mail.defects == []
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_subject_stays_text(text: str) -> None:
    mail = mailed(notice(title=text, workspace=text))
    assert "Bcc" not in mail
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff]", str(mail["Subject"]))


@given(messages)
def test_both_forms_carry_the_message(message: Message) -> None:
    mail = mailed(message)
    assert mail.get_content_type() == "multipart/alternative"
    assert part(mail, "plain") == plain_text(message, "n-1").rstrip("\n")
    page = part(mail, "html")
    tags = set(re.findall("<[^>]*>", page))
    assert {tag.split()[0].strip("</>") for tag in tags} <= {
        "!doctype", "html", "head", "meta", "title", "body", "h3", "p", "table", "tr", "td", "pre", "br",
    }  # fmt: skip
    assert not any("script" in tag or "href" in tag for tag in tags)
    assert "Reference: n-1" in page


def test_foreign_html_is_shown_as_text() -> None:
    page = part(mailed(notice(error='<a href="https://evil.example.com">x</a>', lines=("<b>",))), "html")
    assert "&lt;a href=&quot;https://evil.example.com&quot;&gt;x&lt;/a&gt;" in page
    assert "&lt;b&gt;" in page


def test_template_marks_in_foreign_text_stay_what_they_are() -> None:
    page = part(mailed(notice(title="$reference ${lead} $nothing")), "html")
    assert "$reference ${lead} $nothing" in page


def test_messages_of_one_incident_stay_together() -> None:
    first = mailed(notice(kind=NoticeKind.OPENED), "n-1")
    second = mailed(notice(kind=NoticeKind.RESOLVED, open_failures=0, status="resolved"), "n-2")
    assert first["Subject"] == second["Subject"] == "[prod] I7 Too many requests to NetSuite"
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] not in (first["Message-ID"], second["Message-ID"])
    other = mailed(notice(workspace="dev"), "n-3")
    assert other["References"] != first["References"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Date"].datetime.timestamp() == AT


def test_the_same_reference_makes_the_same_mail_id() -> None:
    assert mailed(notice(), "n-1")["Message-ID"] == mailed(report(), "n-1")["Message-ID"] == "<n-1@example.com>"


@given(texts)
def test_a_mail_id_is_well_formed_whatever_it_is_made_of(name: str) -> None:
    assert re.fullmatch(r"<[A-Za-z0-9_.-]{1,64}@example\.com>", mail_id(name, SENDER))


@given(st.text(min_size=1), st.text(min_size=1))
def test_other_names_make_other_mail_ids(one: str, other: str) -> None:
    assert (mail_id(one, SENDER) == mail_id(other, SENDER)) == (one == other)


def test_a_report_stands_alone() -> None:
    mail = mailed(report(), "r-1")
    assert mail["References"] is None
    assert mail["Subject"] == "[prod] Job report"
