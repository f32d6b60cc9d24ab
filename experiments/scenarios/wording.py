"""What was found in sentences, and the pages and scenario files they are written into."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from claims import BESIDE, CONTRADICTED, HOLDS, LOSES, LOSES_NOTHING, LUCK, UNDECIDED, VIRAL, Row

from sim.results.answer import HEADLINES
from sim.results.measures import METRICS
from sim.results.rounding import number
from sim.scenario.file import first_comment
from sim.scenario.library import story
from sim.views.markdown import table

WIDTH, MOST_LINES = 120, 60
FOLDER = {"study": "../../scenarios", "readme": "scenarios"}
"""Where the scenario files lie as seen from the two pages."""


# --- sentences -----------------------------------------------------------------------------------------------


def finding(rows: Sequence[Row]) -> str:
    """What was found in one scenario: a sentence a claim, then what the smaller creators lose, then luck."""
    claims = [row for row in rows if row.verdict not in BESIDE]
    sentences = [sentence for row in claims for sentence in (verdict(row), row.note) if sentence]
    lost = [row for row in rows if row.verdict == LOSES]
    if lost:
        sentences.append(f"The smaller creators lose {'; '.join(f'{named(row)} ({figures(row)})' for row in lost)}.")
    elif any(row.verdict == LOSES_NOTHING for row in rows):
        sentences.append("No loss of the smaller creators is sure.")
    luck = [f"{shown(row.a_value, '%')} of {row.a}'s {named(row)}" for row in rows if row.verdict == LUCK]
    if luck:
        sentences.append(f"A single replicate holds {', '.join(luck)}: luck that intervals show too narrow.")
    return " ".join(sentences)


def verdict(row: Row) -> str:
    """ "Undecided: they sell more (extra orders 136 with micros, 81 with celebrity; difference 55, -60 to 170)." """
    said = row.words[:1].lower() + row.words[1:]
    return f"{row.verdict.capitalize()}: {said} ({named(row)} {figures(row)})."


def named(row: Row) -> str:
    """The figure as a sentence calls it."""
    if row.metric == VIRAL:
        return "extra orders"
    title = METRICS[row.metric].title
    plain = title if title.isupper() else title[:1].lower() + title[1:]
    return HEADLINES.get(row.metric, plain)


def figures(row: Row) -> str:
    """ "136 with micros, 81 with celebrity; difference 55, -60 to 170": the first minus the second."""
    a, b = ("viral", "otherwise") if row.metric == VIRAL else (f"with {row.a}", f"with {row.b}")
    values = f"{shown(row.a_value, row.unit)} {a}, {shown(row.b_value, row.unit)} {b}"
    if row.difference is None:
        return f"{values}; difference not known"
    if row.verdict == UNDECIDED and row.difference == 0:
        return f"{values}; no difference"
    return f"{values}; difference {span(row)}{_close(row)}"


def _close(row: Row) -> str:
    """Why a difference is undecided although its interval leaves out 0."""
    alone = row.low is not None and row.high is not None and not row.low <= 0 <= row.high
    return "; unsure only because several figures are looked at" if alone and row.verdict == UNDECIDED else ""


def span(row: Row) -> str:
    """ "55, -60 to 170": the difference with its interval, in points where the figure is a percentage."""
    points, factor = (" points", 100.0) if row.unit == "%" else ("", 1.0)
    unit = f" {row.unit}" if row.unit not in ("%", "") else points
    values = [None if value is None else factor * value for value in (row.difference, row.low, row.high)]
    bounds = "" if values[1] is None else f", {number(values[1])} to {number(values[2])}"
    return f"{number(values[0])}{unit}{bounds}"


def shown(value: float | None, unit: str) -> str:
    """A value with its unit; "-" where it is not defined."""
    if value is None:
        return "-"
    return f"{number(100.0 * value)} %" if unit == "%" else f"{number(value)} {unit}".rstrip()


# --- tables --------------------------------------------------------------------------------------------------


def study_table(rows: Sequence[Row]) -> str:
    """Every claim with its verdict and figures."""
    heads = ("scenario", "claim", "verdict", "figure", "a", "b", "a - b, 95 % interval")
    return table(heads, [
        (f"[{row.scenario}]({FOLDER['study']}/{row.scenario}.toml)", row.words, f"**{row.verdict}**", named(row),
         f"{row.a}: {shown(row.a_value, row.unit)}", f"{row.b}: {shown(row.b_value, row.unit)}",
         span(row) if row.difference is not None else "-")
        for row in rows if row.verdict not in BESIDE
    ])  # fmt: skip


def counted(rows: Sequence[Row]) -> str:
    """How many claims hold, are contradicted, and are undecided."""
    claims = [row for row in rows if row.verdict not in BESIDE]
    hold, against, open_ = (sum(row.verdict == word for row in claims) for word in (HOLDS, CONTRADICTED, UNDECIDED))
    return (f"Of {len(claims)} claims in {len({row.scenario for row in claims})} scenarios {hold} hold, {against} are "
            f"contradicted and {open_} are undecided.")  # fmt: skip


def readme_table(rows: Sequence[Row], questions: dict[str, str]) -> str:
    """Scenario, question and finding."""
    return counted(rows) + "\n\n" + table(("scenario", "question", "what came out"), [
        (f"[{name}]({FOLDER['readme']}/{name}.toml)", questions[name],
         finding([row for row in rows if row.scenario == name]))
        for name in dict.fromkeys(row.scenario for row in rows)
    ])  # fmt: skip


# --- scenario files ------------------------------------------------------------------------------------------


def with_finding(text: str, said: str) -> str:
    """The scenario file with this finding after its claim; nothing below the comment at the top changes.

    Raises ValueError where the file would be longer than ``MOST_LINES``.
    """
    now, body = story(text), text.splitlines()[len(first_comment(text)) :]
    paragraphs = [now.question, f"Claim: {now.claim}", f"Finding: {said}"]
    lines = [
        f"# {line}" for paragraph in paragraphs
        for line in textwrap.wrap(paragraph, WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    ]  # fmt: skip
    if len(lines) + len(body) > MOST_LINES:
        raise ValueError(f"{len(lines) + len(body)} lines with the finding, at most {MOST_LINES} are meant")
    return "\n".join([*lines, *body]) + "\n"
