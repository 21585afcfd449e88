"""The entry of `aof-tui`: whatever goes wrong ends as one clear line and an exit code."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from aof_tui.base.errors import AofError, ConfigError, UsageError
from aof_tui.base.text import one_line
from aof_tui.cli.output import OutputError, ReaderGoneError, flush
from aof_tui.cli.plain_start import asked_screen

INTERNAL_ERROR = 1
INTERRUPTED = 130
COMPLETING = "_AOF_TUI_COMPLETE"
"""What a shell sets that completes a line: it runs the program without words."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: the process's own) and return its exit code."""
    _spare_narrow_encodings()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        flush()
    except AofError as error:
        _complain_of(error)
        if isinstance(error, OutputError):
            _drop_output()
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except ReaderGoneError:
        _drop_output()
        return 0
    except Exception as error:
        _complain(f"internal error: {type(error).__name__} at {_where(error)}")
        return INTERNAL_ERROR
    return code


def _drop_output() -> None:
    """The interpreter's last flush must not complain as well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str]) -> int:
    show = None if COMPLETING in os.environ else asked_screen(arguments)
    if show is None:
        return _run_command(arguments)
    # While a screen begins there is nothing to collect, and looking takes a seventh of the time. Its first paint ends
    # this.
    gc.disable()
    try:
        return show()
    finally:
        gc.enable()


def _run_command(arguments: Sequence[str]) -> int:
    import typer

    from aof_tui.cli.commands import build
    from aof_tui.cli.completion import step_over_colon

    step_over_colon(os.environ)
    command = typer.main.get_command(build())
    try:
        answer = command.main(list(arguments), prog_name="aof-tui", standalone_mode=False)
    except typer.TyperException as error:
        raise UsageError(f"{error.format_message()}{_way_out(error)} (see aof-tui --help)") from error
    except typer.Abort:
        raise KeyboardInterrupt from None
    return answer if isinstance(answer, int) else 0


def _way_out(error: Exception) -> str:
    """How to type what was taken for an option where a filter may stand."""
    context = getattr(error, "ctx", None)
    if getattr(error, "option_name", None) is None or context is None:
        return ""
    if not any(param.name == "words" for param in context.command.params):
        return ""
    return f"; put -- before a filter that has a word with -: {context.command_path} -- …"


def _complain_of(error: AofError) -> None:
    if isinstance(error, ConfigError):
        for problem in error.problems:
            _write_complaint(problem)
    else:
        _complain(str(error))


def _complain(message: str) -> None:
    _write_complaint(f"aof-tui: {one_line(message)}")


def _write_complaint(line: str) -> None:
    from aof_tui.cli.journal import complaint_mark

    sys.stderr.write(f"{complaint_mark(os.environ)}{line}\n")


def _spare_narrow_encodings() -> None:
    """A terminal that cannot show a character gets its escape, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _where(error: Exception) -> str:
    """File and line, never a value: values can be secrets and customer data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


if __name__ == "__main__":
    sys.exit(main())
