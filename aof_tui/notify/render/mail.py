"""A message as a mail. Headers are one line of cleaned text; addresses come from the configuration alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from string import Template

from aof_tui.base.clock import utc
from aof_tui.notify.message import Message
from aof_tui.notify.render.compose import compose
from aof_tui.notify.render.plain import sheet_text
from aof_tui.notify.render.sheet import Sheet

_SAFE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_MAX_ID = 64

_PAGE = Template("""\
<!doctype html>
<html><head><meta charset="utf-8"><title>$subject</title></head>
<body style="font-family: sans-serif">
<h3>$banner</h3>
<p>$lead</p>
<table cellpadding="3">
$facts
</table>
$lists
<p style="color: #666">$headline<br>Reference: $reference</p>
</body></html>
""")
_FACT = Template('<tr><td style="color: #666">$label</td><td>$value</td></tr>')
_LIST = Template("<p>$heading</p>\n<pre>$lines</pre>")


def email_message(message: Message, reference: str, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The mail, the same one for the same reference, so that a second copy after a lost answer is recognisable."""
    sheet = compose(message)
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    # The library decodes encoded words in what it is given, line breaks in them included.
    mail["Subject"] = sheet.subject.replace("=?", "= ?")
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = utc(sheet.at)
    mail["Message-ID"] = mail_id(reference, sender)
    if sheet.thread:
        # Nobody ever receives this root; that all of its answers name it is enough to keep them together.
        mail["In-Reply-To"] = mail["References"] = mail_id(f"incident/{sheet.thread}", sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(sheet_text(sheet, reference))
    mail.add_alternative(_html(sheet, reference), subtype="html")
    return mail


def mail_id(name: str, sender: str) -> str:
    """A message id made of a name: readable where the name allows it, else a digest of it."""
    safe = len(name) <= _MAX_ID and _SAFE.fullmatch(name)
    left = name if safe else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
    return f"<{left}@{sender.rpartition('@')[2]}>"


def _html(sheet: Sheet, reference: str) -> str:
    quote = (("Error", tuple(sheet.quote.split("\n"))),) if sheet.quote else ()
    lists = [
        _LIST.substitute(heading=escape(heading), lines=escape("\n".join(lines)))
        for heading, lines in (*sheet.lists, *quote)
    ]
    return _PAGE.substitute(
        subject=escape(sheet.subject),
        banner=escape(sheet.banner),
        lead=escape(sheet.lead),
        headline=escape(sheet.headline),
        facts="\n".join(_FACT.substitute(label=escape(label), value=escape(value)) for label, value in sheet.facts),
        lists="\n".join(lists),
        reference=escape(reference),
    )
