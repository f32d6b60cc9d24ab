"""The figures of a graph as tables."""

from __future__ import annotations

from collections.abc import Sequence

from measured_figures import Figure, Figures, told

from sim.views.markdown import table

NOTHING = "-"
STRUCTURE = (
    "**Structure** (p50: as many as half of the people have, or fewer; p100: the largest; clustering by number of "
    "friends)\n\n"
)
SHARES = ("ties: returned", "ties: share in the largest circle")


def report(figures: Figures) -> str:
    """Circumstances, structure and seeding, and the order of streamers where it was measured."""
    order = [_order(figures), _fifths(figures)] if figures.groups("order") else []
    return "\n\n".join([_circumstances(figures), _structure(figures), _seeding(figures), *order])


def _circumstances(figures: Figures) -> str:
    (program,) = figures.subjects("run")
    n = {f.group: round(f.value) for f in figures.rows if f.part == "run"}
    return (
        f"Generated societies: the mean of {n['societies']}, in brackets the lowest and the highest. Seeding: "
        f"{n['seeds']} people, the most followed or people at random; campaigns over {n['societies']} x "
        f"{n['replicates']} paired replicates, cascades over {n['choices']} choices of {n['runs']} runs each, "
        f"95 % intervals; {program}."
    )


def _structure(figures: Figures) -> str:
    subjects = figures.subjects("structure")
    known = {(f.of, f.group): f for f in figures.rows if f.part == "structure"}
    rows = [
        (group, *(_told(known.get((of, group))) for of in subjects)) for group in figures.groups("structure")
    ]  # fmt: skip
    return STRUCTURE + table(("", *subjects), rows)


def _told(figure: Figure | None) -> str:
    if figure is None:
        return NOTHING
    if figure.group in SHARES or figure.group.startswith("clustering"):
        return told(figure)
    return told(figure, ",.0f" if figure.value >= 10 else ".1f")


def _seeding(figures: Figures) -> str:
    heads = ("what spreads", "on", "from the most followed (% of people)", "from people at random (%)", "ratio")
    rows = [
        (group, of, *_row(figures, of, group))
        for group in figures.groups("seeding")
        for of in figures.subjects("seeding")
    ]
    return "**Seeding**\n\n" + table(heads, rows)


def _row(figures: Figures, of: str, group: str) -> Sequence[str]:
    shares = [f"{figures('seeding', of, group, plan).value:.2f}" for plan in ("top", "random")]
    try:
        return *shares, told(figures("seeding", of, group, "ratio"))
    except KeyError:
        return *shares, NOTHING


def _order(figures: Figures) -> str:
    rows = [(group, told(figures("order", "streamers", group, "spearman"))) for group in figures.groups("order")]
    return "**Order of streamers**\n\n" + table(("Spearman's rank correlation of", "value"), rows)


def _fifths(figures: Figures) -> str:
    groups = figures.groups("fifths")
    rows = [
        (of, *(f"{figures('fifths', of, group, 'relative').value:.1f}" for group in groups))
        for of in figures.subjects("fifths")
    ]
    heads = ("median, lowest fifth = 1", *(f"fifth {group}" for group in groups))
    return "**By fifths of the number of friends**\n\n" + table(heads, rows)
