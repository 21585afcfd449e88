"""Text from outside made harmless: cleaned, cut, measured."""

from __future__ import annotations

import re

from aof_tui.base.cells import display_width, truncate_cells

__all__ = [
    "clean",
    "cut",
    "display_width",
    "one_line",
    "truncate_cells",
]

HEAD = 16_384
TAIL = 4_096
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Everything that moves a cursor, turns the reading direction or shows nothing: C0 without \n and \t, DEL, C1, all
# format characters (category Cf), line and paragraph separators, fillers that print as blanks. Ranges, because building
# the class from unicodedata costs more than the rest of the program's start.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text with every control, direction and invisible character replaced by a visible mark; lines and tabs stay.

    Surrogate pairs become the character they mean, lone ones the replacement character.
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = text.replace("\r\n", "\n")
    return _HARMFUL.sub(REPLACEMENT, text.translate(_PICTURES)) if _HARMFUL.search(text) else text


def one_line(text: str) -> str:
    """The cleaned text on one line, runs of white space as one blank."""
    return _SPACES.sub(" ", clean(text)).strip()


def cut(text: str, head: int = HEAD, tail: int = TAIL) -> str:
    """The text itself when it has at most `head + tail` characters, else its beginning and end within that size.

    The mark between them names the full length and a prefix of the SHA-256, so equal long texts stay recognisable.
    """
    if len(text) <= head + tail:
        return text
    import hashlib  # It loads for as long as two modules, which a screen's beginning has no use for.

    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    mark = f"\n‹cut: {len(text)} characters, sha256 {digest}›\n"
    beginning = text[: max(0, head - len(mark))]
    end = text[len(text) - tail :] if tail else ""
    return f"{beginning}{mark}{end}"
