"""The pieces of a page that needs no network: its frame, sections, tables and figures.

Text comes in as it is and is escaped here; ``Markup`` is HTML already.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from sim.views.style import STYLE


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(text: object) -> str:
    """``text`` as HTML: escaped unless it is Markup."""
    return str(text) if isinstance(text, Markup) else escape(str(text))


def tag(name: str, content: object, css: str = "") -> Markup:
    """One element."""
    return Markup(f'<{name} class="{css}">{html(content)}</{name}>' if css else f"<{name}>{html(content)}</{name}>")


def joined(parts: Iterable[str], between: str = "\n") -> Markup:
    """Markup from parts of it, empty ones left out."""
    return Markup(between.join(html(part) for part in parts if part))


@dataclass(frozen=True)
class Top:
    """What a page begins with.

    setting: how it was found out; answer, sure: sentences; notes: what a reader must know; after: what else.
    """

    title: str
    question: str
    setting: str
    answer: Sequence[str] = ()
    sure: Sequence[str] = ()
    notes: Sequence[str] = ()
    after: str = ""


def whole_page(top: Top, parts: Mapping[str, tuple[str, Sequence[str]]], name: str | None = None) -> str:
    """A document without any outside address: the top, the way to each part, and the parts that hold anything.

    parts: title and contents by the part's own address. name: the document's title where it is not the heading.
    """
    present = {key: (title, made) for key, (title, made) in parts.items() if any(made)}
    header = [
        tag("h1", top.title),
        tag("p", top.question, "question") if top.question else "",
        tag("p", top.setting, "quiet"),
        _answer(top),
        joined([tag("p", Markup("<strong>To know:</strong>")), bullets(top.notes)]) if top.notes else "",
        top.after,
        links((key, title) for key, (title, _) in present.items()),
    ]
    sections = joined(section(key, title, *made) for key, (title, made) in present.items())
    return document(name or top.title, header, sections)


def document(title: str, header: Iterable[str], main: str) -> str:
    """A whole document in the project's style, from what stands above its main part and that part."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f'<body>\n<a class="skip" href="#{MAIN}">To the figures</a>\n<header>\n{joined(header)}\n</header>\n'
        f'<main id="{MAIN}" tabindex="-1">\n{main}\n</main>\n</body>\n</html>\n'
    )


MAIN = "main"
WIDE = 10
"""A table of more columns is set closer."""
SHORT = 25
"""A table of at most so many rows stays on one sheet of paper."""


def _answer(top: Top) -> str:
    said = [tag("p", sentence) for sentence in top.answer]
    sure = [tag("h2", "How sure"), *(tag("p", sentence) for sentence in top.sure)] if top.sure else []
    return Markup(f'<div class="answer">\n{joined([*said, *sure])}\n</div>') if said or sure else ""


def section(key: str, title: str, *parts: str) -> Markup:
    """A part of the page under a heading that can be linked to."""
    return Markup(f'<section id="{key}">\n<h2>{escape(title)}</h2>\n{joined(parts)}\n</section>')


def links(sections: Iterable[tuple[str, str]]) -> Markup:
    """The way to each section."""
    items = "".join(f'<li><a href="#{key}">{escape(title)}</a></li>' for key, title in sections)
    return Markup(f'<nav aria-label="Sections"><ul>{items}</ul></nav>')


def bullets(lines: Iterable[object]) -> Markup:
    """A list."""
    return Markup("<ul>" + "".join(f"<li>{html(line)}</li>" for line in lines) + "</ul>")


def table(
    caption: str,
    head: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    foot: Sequence[object] = (),
    words: Iterable[int] = (),
) -> Markup:
    """A table. The first column heads the rows; the others are numbers, except those whose place is in ``words``."""
    text, css, rows = {0, *words}, ' class="wide"' if len(head) > WIDE else "", list(rows)
    frame = "scroll short" if len(rows) <= SHORT else "scroll"
    top = "".join(f'<th scope="col"{"" if i in text else _NUMBER}>{html(cell)}</th>' for i, cell in enumerate(head))
    body = "\n".join(_row(row, text) for row in rows)
    bottom = f"\n<tfoot>{_row(foot, text)}</tfoot>" if foot else ""
    return Markup(
        f'<div class="{frame}" tabindex="0" role="region" aria-label="{escape(caption)}"><table{css}>'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>{bottom}</table></div>"
    )


_NUMBER = ' class="n"'


def _row(cells: Sequence[object], text: set[int]) -> str:
    first, *others = cells
    rest = "".join(f"<td{'' if i in text else _NUMBER}>{html(cell)}</td>" for i, cell in enumerate(others, 1))
    return f'<tr><th scope="row">{html(first)}</th>{rest}</tr>'


def picture(png: bytes, title: str, alternative: str, css: str = "") -> Markup:
    """A PNG within the page, with its content in words as alternative text. css: "small" where it fits a telephone."""
    text, data = escape(alternative), base64.b64encode(png).decode()
    image = f'<img alt="{text}" src="data:image/png;base64,{data}">'
    return Markup(
        f'<figure class="{css}"><div class="scroll" tabindex="0" role="region" '
        f'aria-label="Figure: {escape(title)}">{image}</div><figcaption>{escape(title)}</figcaption></figure>'
    )


def command_text(command: str, digest: str) -> Markup:
    """The words that make the same again."""
    return tag("p", joined([tag("code", command), f" gives the same again (digest {digest})."], ""))
