"""What every verb has in common: ``-v``, and options that take several words."""

from __future__ import annotations

import re
import shlex
from inspect import cleandoc
from typing import TYPE_CHECKING, TypeVar

import click

from cli.reporting import verbose_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["OptionalChoice", "Verb", "Words", "gather_words", "split_words", "verb"]

_VERBATIM = "\b"  # by which click knows a paragraph that is not wrapped
_EXAMPLE = re.compile(r"(?<=\n\n)(?=butler |ingestImages\.py )")
_JOINT = "\0"  # no argument of a process can hold it
_PAIR = re.compile(r"[A-Za-z_]\w*=")
_NEXT_PAIR = re.compile(r"\s+(?=[A-Za-z_]\w*=)")

_Function = TypeVar("_Function", bound="Callable[..., object]")


class Words(click.Option):
    """An option that takes the words that follow it, up to the next option.

    Its value is one text for each time that it was given; `split_words` takes
    that apart again.
    """

    takes_pairs = True
    """Whether only words of the form ``key=value`` are taken."""


class OptionalChoice(click.Option):
    """An option that may be followed by one of a few words.

    Parameters
    ----------
    declarations
        Its names.
    choices
        The words. The option alone means the first of them.
    """

    def __init__(
        self,
        declarations: Sequence[str],
        *,
        choices: Sequence[str],
        help: str,  # noqa: A002
    ) -> None:
        super().__init__(declarations, type=click.Choice(choices), help=help)
        self.choices = tuple(choices)


class Verb(click.Command):
    """A command whose `Words` options may be followed by several words.

    A paragraph of its help that begins with the name of a command is an
    example and keeps its lines.
    """

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, examples as they stand."""
        if self.help and _VERBATIM not in self.help:
            self.help = _EXAMPLE.sub(f"{_VERBATIM}\n", cleandoc(self.help))
        return super().get_help(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments of the command."""
        options = {
            name: option.takes_pairs
            for option in self.params
            if isinstance(option, Words)
            for name in option.opts
        }
        for option in self.params:
            if isinstance(option, OptionalChoice):
                args = _with_choice(args, option.opts, option.choices)
        try:
            return super().parse_args(ctx, gather_words(args, options) if options else args)
        except click.UsageError as error:
            pairs = [word for word in args if _PAIR.match(word)]
            is_bare = "--id" in options and "--id" not in args
            if type(error) is not click.UsageError or not pairs or not is_bare:
                raise
            hint = f"A data ID stands behind --id: --id {shlex.join(pairs)}"
            raise click.UsageError(f"{error.message}\n{hint}", ctx) from error


def _with_choice(arguments: list[str], names: Sequence[str], choices: Sequence[str]) -> list[str]:
    """Return arguments in which an option that stands alone is followed by its first choice."""
    complete: list[str] = []
    for number, word in enumerate(arguments):
        complete.append(word)
        if word == "--":
            return [*complete, *arguments[number + 1 :]]
        following = arguments[number + 1] if number + 1 < len(arguments) else "-"
        if word in names and following not in choices:
            complete.append(choices[0])
    return complete


def gather_words(arguments: Sequence[str], options: dict[str, bool]) -> list[str]:
    """Return arguments in which the words of each such option are joined to one.

    Parameters
    ----------
    arguments
        As the user gave them.
    options
        Names of the options, and whether they take words of the form
        ``key=value`` alone.
    """
    gathered: list[str] = []
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if word == "--":
            return [*gathered, word, *reversed(waiting)]
        name, equals, first = word.partition("=")
        if name not in options:
            gathered.append(word)
            continue
        words = [first] if equals else []
        if not words and waiting and not waiting[-1].startswith("-"):
            words.append(waiting.pop())  # whatever it is; a wrong one gets a clear error
        while waiting and _belongs(waiting[-1], pairs_only=options[name]):
            words.append(waiting.pop())
        gathered.append(f"{name}={_JOINT.join(words)}")
    return gathered


def _belongs(word: str, *, pairs_only: bool) -> bool:
    if word.startswith("-"):
        return False
    return not pairs_only or _PAIR.match(word) is not None


def split_words(value: str) -> list[str]:
    """Return the words of one use of a `Words` option.

    Parameters
    ----------
    value
        Several words as the shell passed them, or one quoted word that holds
        several pairs: ``"visit=903334 ccd=16"``.
    """
    return [part for word in value.split(_JOINT) for part in _split_pairs(word.strip())]


def _split_pairs(word: str) -> list[str]:
    """Split before each further ``key=`` that does not stand inside quotes."""
    parts = []
    start = 0
    for match in _NEXT_PAIR.finditer(word):
        if word.count('"', start, match.start()) % 2 == 0:
            parts.append(word[start : match.start()])
            start = match.end()
    last = word[start:]
    return [*parts, last] if last else parts


def verb(function: _Function) -> Verb:
    """Make a function a verb; its docstring is the help."""
    name = function.__name__.rstrip("_").replace("_", "-")
    return click.command(name, cls=Verb)(verbose_option(function))
