"""What the commands of studies show on a terminal alike."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text


def text_table(heads: Sequence[str], rows: Iterable[Sequence[str]], words: Container[int] = ()) -> Table:
    """A table of numbers; the columns whose place is in ``words`` are words."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(Text(head), justify="left" if place in words else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
