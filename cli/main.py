"""The entry point ``butler``: a group whose verbs are imported when they run."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from cli.reporting import guarded, prepare_streams, verbose_option
from cli.verbs import VERBS, function_of, module_of

__all__ = ["ButlerGroup", "butler", "main"]

_INTERRUPTED = 130


class ButlerGroup(click.Group):
    """Knows its verbs by a table and imports the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a verb, None if there is none of this name."""
        if cmd_name not in VERBS:
            return None
        command = getattr(import_module(module_of(cmd_name)), function_of(cmd_name))
        assert isinstance(command, click.Command)  # noqa: S101 - a test holds the table to it
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that was typed, with a suggestion if there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            name = error.command_name
            raise click.exceptions.NoSuchCommand(name, possibilities=VERBS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of verbs."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Complete a verb without importing any."""
        from click.shell_completion import CompletionItem

        options = click.Command.shell_complete(self, ctx, incomplete)
        verbs = [
            CompletionItem(name, help=text)
            for name, text in VERBS.items()
            if name.startswith(incomplete)
        ]
        return [*verbs, *options]

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; errors become messages and exit codes."""
        return guarded(ctx, super().invoke)


@click.command(
    "butler",
    cls=ButlerGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@verbose_option
@click.version_option(package_name="skybutler", prog_name="skybutler")
def butler() -> None:
    """Find, fetch and keep astronomical data by data ID.

    A first look: butler create DATA --camera hsc, butler ingest DATA raw/*.fits,
    butler ls DATA raw.
    """


def main() -> None:
    """Run ``butler`` with the arguments of the process, and end the process."""
    prepare_streams()
    try:
        butler()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
