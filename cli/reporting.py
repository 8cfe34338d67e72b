"""From errors to messages and exit codes; where messages go."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from cli.exit_codes import ExitCode
from cli.safe_text import safe_text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["guarded", "note", "prepare_streams", "verbose_option"]

_VERBOSE = "cli.verbose"


def prepare_streams() -> None:
    """Let characters that the terminal's encoding does not have be shown escaped."""
    if sys.stdout is None:  # the shell has closed it
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the whole process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def note(message: str) -> None:
    """Write a line for people to stderr."""
    click.echo(safe_text(message, keep_lines=True), err=True)


class _Log(logging.Handler):
    """Writes what is logged to stderr, as harmless text."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        note(self.format(record))


def _set_verbosity(ctx: click.Context, _parameter: click.Parameter, count: int) -> None:
    if count:
        ctx.meta[_VERBOSE] = True
        root = logging.getLogger()
        ctx.call_on_close(partial(root.setLevel, root.level))
        root.setLevel(logging.DEBUG if count > 1 else logging.INFO)


def verbose_option(command: Callable[..., object]) -> Callable[..., object]:
    """Add ``-v`` to a command."""
    return click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        is_eager=True,
        callback=_set_verbosity,
        help="Log what is done, and show where errors come from; -vv logs more.",
    )(command)


def guarded(ctx: click.Context, run: Callable[[click.Context], object]) -> object:
    """Run a command and turn what it raises into a message and an exit code.

    Parameters
    ----------
    ctx
        Of the command.
    run
        What runs it; a number that it returns is the exit code.
    """
    log = _Log()
    logging.getLogger().addHandler(log)
    try:
        code = run(ctx)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
        code = ExitCode.DONE  # who closed the pipe has seen enough
    except (KeyboardInterrupt, click.Abort):
        note("\nInterrupted. Nothing half done was left.")
        code = ExitCode.INTERRUPTED
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:
        code = _report(ctx, error)
        if code is None:
            raise
    finally:
        logging.getLogger().removeHandler(log)
    if isinstance(code, int) and code:
        ctx.exit(code)
    return None


def _report(ctx: click.Context, error: Exception) -> ExitCode | None:
    """Write the message of an expected error; None for an error that is a fault of ours."""
    from butler.errors import ButlerError
    from cli.exit_codes import exit_code
    from pipelines.errors import PipelineError

    if isinstance(error, ButlerError | PipelineError):
        code = exit_code(error)
    elif isinstance(error, OSError):
        code = ExitCode.STORAGE
    else:
        return None
    if ctx.meta.get(_VERBOSE):
        import traceback

        note("".join(traceback.format_exception(error)).rstrip())
    note(f"Error: {error}")
    return code


def _close_stdout() -> None:
    """Let what is still buffered go nowhere, so that the end of the process is silent too."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return  # no real file
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
