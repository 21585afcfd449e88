"""What stands between the program's text and the real terminal."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# Controls (also tab and newline: inside one line both would move the cursor), C1, direction controls.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_MARK = "\N{REPLACEMENT CHARACTER}"


def _marks(match: re.Match[str]) -> str:
    # As many cells as were measured for the character, so that the line keeps its width.
    return _MARK * cell_len(match.group())


class InertText(LineFilter):
    """The last line of defence: no control character of any widget's text reaches the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if not any(_HARMFUL.search(segment.text) for segment in segments if not segment.control):
            return segments
        return [
            segment if segment.control else Segment(_HARMFUL.sub(_marks, segment.text), segment.style)
            for segment in segments
        ]
