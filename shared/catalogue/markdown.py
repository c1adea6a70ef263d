"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

GENERATED = "<!-- Written by `manage.py write_catalogue`: change the code, then run it again. -->"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, with an empty one after it."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") or " " for cell in row) + " |"
    yield ""


def code(text: str) -> str:
    """``text`` as code."""
    return f"`{text}`"
