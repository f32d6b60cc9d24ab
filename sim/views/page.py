"""The pieces of a page that needs no network: its frame and style, sections, tables and figures.

Text comes in as it is and is escaped here; ``Markup`` is HTML already.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #8887; --soft: #8881; --accent: #0072b2; --quiet: #555; }
@media (prefers-color-scheme: dark) { :root { --accent: #56b4e9; --quiet: #aaa; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0 0 .3rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.6rem 0 .6rem; padding-top: .4rem; border-top: 1px solid var(--line); line-height: 1.2; }
h3 { margin: 1.6rem 0 .4rem; }
p, li { max-width: 48rem; }
.question { font-size: 1.2rem; margin: 0 0 .4rem; }
.quiet, figcaption, caption { color: var(--quiet); font-size: .875rem; }
.answer { border-left: .3rem solid var(--accent); padding-left: 1rem; margin: 1.2rem 0; }
.answer p:first-child { font-size: 1.1rem; }
nav ul { columns: 14rem; padding-left: 1.2rem; }
a { color: var(--accent); }
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: min(100%, 30rem); }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid var(--line); }
th, td { vertical-align: baseline; }
tbody th { font-weight: normal; min-width: 7rem; }
.n { text-align: right; white-space: nowrap; } .n small { display: block; color: var(--quiet); }
thead th, thead th.n { vertical-align: bottom; white-space: normal; max-width: 9rem; }
.sure { font-weight: bold; } tfoot td, tfoot th { border-top: 2px solid var(--line); font-weight: bold; }
figure { margin: 1rem 0; }
figure img { display: block; width: 100%; max-width: 50rem; background: #fff; border-radius: .3rem; }
code { background: var(--soft); padding: .15rem .4rem; border-radius: .2rem; overflow-wrap: anywhere; }
@media print {
  @page { size: A4; margin: 15mm; }
  :root { color-scheme: light; --accent: #0072b2; --quiet: #444; }
  body { font-size: 9.5pt; } main { max-width: none; padding: 0; } nav { display: none; }
  h2, h3, caption { break-after: avoid; } figure, tr, .answer { break-inside: avoid; }
  .scroll { overflow: visible; } th, td { padding-right: .5rem; } table { font-size: 8.5pt; }
  figure img { max-width: 150mm; } tfoot { display: table-row-group; }
}
"""


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


def page(title: str, body: Markup) -> str:
    """A whole document without any outside address."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


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
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    foot: Sequence[object] = (),
    words: Iterable[int] = (),
) -> Markup:
    """A table. The first column heads the rows; the others are numbers, except those whose place is in ``words``."""
    text = {0, *words}
    top = "".join(f'<th scope="col"{"" if i in text else _NUMBER}>{html(cell)}</th>' for i, cell in enumerate(head))
    body = "\n".join(_row(row, text) for row in rows)
    bottom = f"\n<tfoot>{_row(foot, text)}</tfoot>" if foot else ""
    return Markup(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>{bottom}</table></div>"
    )


_NUMBER = ' class="n"'


def _row(cells: Sequence[object], text: set[int]) -> str:
    first, *others = cells
    rest = "".join(f"<td{'' if i in text else _NUMBER}>{html(cell)}</td>" for i, cell in enumerate(others, 1))
    return f'<tr><th scope="row">{html(first)}</th>{rest}</tr>'


def picture(png: bytes, title: str, alternative: str) -> Markup:
    """A PNG within the page, with its content in words as alternative text."""
    text, data = escape(alternative), base64.b64encode(png).decode()
    image = f'<img alt="{text}" src="data:image/png;base64,{data}">'
    return Markup(f"<figure>{image}<figcaption>{escape(title)}</figcaption></figure>")
