"""Markdown pages with parts that are made by a command: tables, and what stands between two marks."""

from __future__ import annotations

import re
from collections.abc import Iterable


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; a bar in a cell is escaped."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def with_part(page: str, name: str, part: str) -> str:
    """The page with what stands between ``<!-- name:begin -->`` and ``<!-- name:end -->`` written anew.

    Raises ValueError where the marks do not stand there once.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    renewed, found = pattern.subn(lambda _: f"{begin}\n\n{part}\n\n{end}", page)
    if found != 1:
        raise ValueError(f"{found} places between {begin} and {end}, expected one")
    return renewed
