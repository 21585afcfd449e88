"""What surrounds the panes: header, tabs, detail of the row under the cursor, footer with keys."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aof_tui.base.durations import human_duration
from aof_tui.base.text import display_width
from aof_tui.control.rows import Status, WorkspaceState
from aof_tui.domain.words import FailureStatus, Mode
from aof_tui.tui.actions import ACTIONS, Action, View, key_name
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.desk import Desk
from aof_tui.tui.pane import Pane
from aof_tui.tui.situation import Situation
from aof_tui.tui.times import age, clock_time
from aof_tui.tui.toned import Lines

LAST_KEYS = 2
SWEEP_LATE_S = 300.0
"""Engine seconds since the last sweep after which its age is shown as a warning."""

NO_KEY = "–"
MOST_SPARED = 4
_PATH = re.compile(r"(?:/[^/\s:]+)+(/[^/\s:]+)")
"""A path of two parts and more: its end tells enough."""

UNDER_WAY = (FailureStatus.SCHEDULED, FailureStatus.WATCHING, FailureStatus.REPEATING)


class HeaderStrip(Lines):
    """Workspace, mode and health on the first line, counts on the second."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="header")
        self.desk = desk

    def tick(self) -> None:
        status = self.desk.status
        self.set_class(status is not None and any(state.production for state in status.workspaces), "-production")
        self.set_class(self.desk.stale, "-stale")
        super().tick()

    def lines(self, width: int) -> tuple[Line, ...]:
        return (self._first(width), self._second(width))

    def _first(self, width: int) -> Line:
        status = self.desk.status
        if status is None:
            return (Cell(" aof-tui", Tone.STRONG), Cell("  "), self._health())
        line = self._status_line(status, 0)
        for spared in range(1, MOST_SPARED + 1):
            if sum(display_width(cell.text) for cell in line) <= width:
                break
            line = self._status_line(status, spared)
        return line

    def _status_line(self, status: Status, spared: int) -> Line:
        """Where one is and whether the engine lives must be seen: all else gives way to it, one thing after the other.

        `spared` counts them: the speed, the age of the sweep, the program's name, the names of many workspaces.
        """
        cells = [Cell(" ") if spared >= 3 else Cell(" aof-tui  ", Tone.STRONG)]
        for state in status.workspaces:
            cells.extend(_workspace_cells(state, named=spared < 4 or len(status.workspaces) == 1))
        if spared >= 4 and len(status.workspaces) > 1:
            cells.append(Cell(f"{len(status.workspaces)} workspaces  ", Tone.STRONG))
        cells.append(_mode_cell(status))
        if status.rate != 1 and spared < 1:
            cells.append(Cell(f"  ×{status.rate:g}", Tone.MUTED))
        if self.desk.read_only:
            cells.append(Cell("  read-only", Tone.WARN))
        cells += [Cell("  "), self._health()]
        if not self.desk.stale and spared < 2:
            cells.append(self._swept(status))
        return tuple(cells)

    def _health(self) -> Cell:
        fault = _PATH.sub(r"…\1", self.desk.fault or "no answer")
        if self.desk.gone:
            return Cell(f"× ENGINE STOPPED: {fault}", Tone.ALARM)
        if self.desk.status is None:
            return Cell(f"… {fault if self.desk.fault else 'asking the engine'}", Tone.WARN)
        if self.desk.stale:
            return Cell(f"× STALE for {human_duration(int(self.desk.time.silence_s()))}: {fault}", Tone.ALARM)
        if self.desk.status.engine == "running":
            return Cell("✓ engine running", Tone.OK)
        why = f": {self.desk.status.engine_error}" if self.desk.status.engine_error else ""
        return Cell(f"× engine {self.desk.status.engine}{why}", Tone.ALARM)

    def _second(self, width: int) -> Line:
        status = self.desk.status
        if status is None:
            return (Cell(" no data yet", Tone.MUTED),)
        count = self.desk.count
        incidents = sum(state.open_incidents for state in status.workspaces)
        breakers, asking = len(status.breakers), count(FailureStatus.NEEDS_PERSON)
        counted = (
            (incidents, "", "incident" if incidents == 1 else "incidents", Tone.PLAIN),
            (status.notices_dead, "×", "undelivered", Tone.ALARM),
            (asking, "!", "needs a person" if asking == 1 else "need a person", Tone.BAD),
            (count(FailureStatus.EXHAUSTED), "×", "exhausted", Tone.BAD),
            (breakers, "⊘", "breaker open" if breakers == 1 else "breakers open", Tone.BAD),
            (count(FailureStatus.IN_DOUBT), "?", "in doubt", Tone.WARN),
            (count(FailureStatus.HELD), "=", "held", Tone.WARN),
            (count(*UNDER_WAY), "↻", "under way", Tone.INFO),
            (count(FailureStatus.RECOVERED), "✓", "recovered", Tone.OK),
        )
        cells = [Cell(f" {self.desk.open_failures:,} open", Tone.STRONG)]
        if self.desk.stale:
            cells.insert(0, Cell(f" as of {clock_time(self.desk.time.answered_at)} UTC:", Tone.WARN))
        cells += [
            Cell(
                f"  {glyph} {number:,} {word}" if glyph else f"  {number:,} {word}",
                Tone.MUTED if self.desk.stale else tone,
            )
            for number, glyph, word, tone in counted
            if number
        ]
        return whole_cells(cells, width)

    def _swept(self, status: Status) -> Cell:
        ends = [state.swept_at for state in status.workspaces if state.swept_at is not None]
        if not ends or len(ends) < len(status.workspaces):
            return Cell("  not yet swept", Tone.WARN)
        now = self.desk.time.now()
        late = now - min(ends) > SWEEP_LATE_S
        return Cell(f"  swept {age(min(ends), now)} ago", Tone.WARN if late else Tone.MUTED)


def whole_cells(cells: Sequence[Cell], width: int) -> Line:
    """The first cells that fit; what does not fit is left out whole."""
    used = 0
    for place, cell in enumerate(cells):
        used += display_width(cell.text)
        if used > width:
            return tuple(cells[:place])
    return tuple(cells)


def _workspace_cells(state: WorkspaceState, *, named: bool) -> list[Cell]:
    """A workspace that is not `named` is left out as long as nothing is the matter with it."""
    if not named and not state.production and state.paused_by is None and state.acting_stopped is None:
        return []
    cells = [Cell(state.workspace, Tone.STRONG)]
    if state.production:
        cells.append(Cell(" PRODUCTION", Tone.ALARM))
    if state.paused_by is not None:
        cells.append(Cell(f" = paused by {state.paused_by}", Tone.WARN))
    if state.acting_stopped is not None:
        cells.append(Cell(f" × acting stopped: {state.acting_stopped}", Tone.ALARM))
    return [*cells, Cell("  ")]


def _mode_cell(status: Status) -> Cell:
    if status.mode == Mode.OBSERVE:
        return Cell("observe: nothing is sent", Tone.WARN)
    return Cell(status.mode, Tone.PLAIN)


class Tabs(Lines):
    """The headings of all panes on one line, for terminals that show one pane at a time."""

    def __init__(self, panes: Sequence[Pane]) -> None:
        super().__init__(id="tabs")
        self.panes = panes

    def lines(self, width: int) -> tuple[Line, ...]:
        whole = self._line(named=True)
        fits = sum(display_width(cell.text) for cell in whole) <= width
        return (whole if fits else self._line(named=False),)

    def _line(self, *, named: bool) -> Line:
        """With the titles of all panes, or where there is no room with that of the active one alone."""
        cells: list[Cell] = []
        for pane in self.panes:
            if pane.has_class("-active"):
                cells.extend(pane.heading())
            else:
                cells.append(Cell(f" {pane.number} {pane.title}" if named else f" {pane.number}", Tone.MUTED))
            cells.append(Cell("  "))
        return tuple(cells[:-1])


class Detail(Lines):
    """More of the row under the cursor of the active pane."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="detail")
        self.desk = desk
        self.pane: Pane | None = None

    def lines(self, width: int) -> tuple[Line, ...]:
        if self.pane is None or (row := self.pane.view.current) is None:
            return ()
        told = self.pane.view.presenter.detail(row, self.desk.time.now())
        if self.desk.stale:
            told = tuple(tuple(Cell(cell.text, Tone.MUTED) for cell in line) for line in told)
        return tuple((Cell(" "), *line) for line in told)


class KeyStrip(Lines):
    """The keys that matter now; those that cannot act are faint, with a dash for the key."""

    def __init__(self, kind: View) -> None:
        super().__init__(id="footer")
        self._actions = [action for action in ACTIONS if kind in action.footer]
        self._situation = Situation()

    def show(self, situation: Situation) -> None:
        """Shows the keys as they are in this situation."""
        self._situation = situation
        self.tick()

    def lines(self, width: int) -> tuple[Line, ...]:
        shown = list(self._actions)
        gap = "  "
        if _keys_width(shown, gap) > width:
            gap = " "
        # The last ones stay, help among them: who sees it finds all else.
        while len(shown) > LAST_KEYS and _keys_width(shown, gap) > width:
            del shown[-LAST_KEYS - 1]
        cells: list[Cell] = []
        for action in shown:
            off = action.why_not(self._situation) is not None
            cells.append(Cell(f"{gap[1:]} {_key(action, off=off)}", Tone.MUTED if off else Tone.MARK))
            cells.append(Cell(f" {action.title}", Tone.MUTED if off else Tone.PLAIN))
        return (tuple(cells),)


def _key(action: Action, *, off: bool) -> str:
    """Its key, or a dash as wide while it cannot act: nothing moves, and it shows without colours too."""
    key = key_name(action.keys[0])
    return f"{NO_KEY:>{display_width(key)}}" if off else key


def _keys_width(actions: Sequence[Action], gap: str) -> int:
    return sum(display_width(f"{gap}{key_name(action.keys[0])} {action.title}") for action in actions)
