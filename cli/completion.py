"""``butler completion``."""

from __future__ import annotations

import click

from cli.command import verb

__all__ = ["completion"]


@verb
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that lets SHELL complete verbs, options and dataset types.

    butler completion bash > ~/.local/share/bash-completion/completions/butler
    butler completion zsh > ~/.zfunc/_butler
    butler completion fish > ~/.config/fish/completions/butler.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click knows all three
    click.echo(kind(ctx.find_root().command, {}, "butler", "_BUTLER_COMPLETE").source())
