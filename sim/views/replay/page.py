"""replay.html: a campaign that spreads day by day, as one file that opens without a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from html import escape
from pathlib import Path

from sim.studies.replay import Played, Replay
from sim.views.files import write_whole
from sim.views.page import Markup, bullets, document, joined, section, table, tag
from sim.views.replay.data import FIGURES, replay_data, shown_figures, whole_figures
from sim.views.replay.layout import SMALLEST

HERE = Path(__file__).parent
SPEEDS = (1, 2, 4, 8)
LEGEND = {
    "not reached": '<circle cx="12" cy="8" r="3" fill="var(--unseen)"/>',
    "saw": '<circle cx="12" cy="8" r="4" fill="var(--saw)"/>',
    "engaged": '<rect x="8" y="4" width="8" height="8" fill="var(--engaged)"/>',
    "shared": '<path d="M12 2l6 6-6 6-6-6z" fill="var(--shared)" stroke="var(--ink)"/>',
    "bought": '<path d="M12 0l2 6h6l-5 3 2 6-5-4-5 4 2-6-5-3h6z" fill="var(--bought)" stroke="var(--ink)"/>',
    "bought, had seen nothing": '<path d="M12 0l2 6h6l-5 3 2 6-5-4-5 4 2-6-5-3h6z" fill="var(--back)" '
    'stroke="var(--ink)"/>',
    "creator (thick edge: a post goes live)": '<rect x="7" y="3" width="10" height="10" fill="var(--post)" '
    'stroke="var(--ink)"/>',
    "seen today from a creator followed": '<path d="M1 8h22" stroke="var(--post)" stroke-width="2"/>',
    "recommended by the feed": '<path d="M1 8h22" stroke="var(--tip)" stroke-width="2" stroke-dasharray="4 3"/>',
    "from one person to another": '<path d="M1 8h22" stroke="var(--pass)" stroke-width="3"/>',
}
WANTED = {"story": "who saw or did something", "bought": "who bought", "shared": "who shared",
          "engaged": "who engaged", "missed": "in the market, never saw it"}  # fmt: skip
READING = (
    "A dot is one agent of the simulation. It shows the most that the person has done so far: buying before sharing, "
    "sharing before engaging, engaging before seeing.",
    "A circle of dots is a community. The most followed among the people shown stand in its middle; the place of a "
    f"community means nothing. Communities of fewer than {SMALLEST} people share one circle.",
    "Plans side by side meet the same people with the same luck. Who buys under one and not under the other does so "
    "because of what the plan showed them or their friends.",
    "This is one replicate with the luck it had, so its figures differ from the means in the report. Orders count "
    "every first order, those that would have come without any plan among them.",
    "Trust and attitude run from 0 to 1. A chance to buy is the model's probability for that person and day, after all "
    "that was seen up to then, and before it is known whether anything is clicked.",
)


class ReplayPage(Replay):
    """A replay that shows itself in a notebook and can be kept as a page."""

    @classmethod
    def of(cls, replay: Replay) -> ReplayPage:
        """The same replay."""
        return cls(**{field.name: getattr(replay, field.name) for field in fields(replay)})

    def save(self, path: str | Path) -> Path:
        """Write the page to a file; returns its path."""
        return write_whole(Path(path), replay_html(self).encode())

    def _repr_html_(self) -> str:
        source = escape(replay_html(self), quote=True)
        return (f'<iframe title="{escape(title(self), quote=True)}" srcdoc="{source}" '
                'style="width:100%;height:900px;border:0"></iframe>')  # fmt: skip


def title(replay: Replay) -> str:
    """What the page is called."""
    where = f" in the setting {replay.setting}" if replay.setting else ""
    return f"{replay.scenario.name}{where}: replay of {' and '.join(played.name for played in replay.plans)}"


def replay_html(replay: Replay) -> str:
    """The whole page, with its data and its script, without any outside address."""
    scenario = replay.scenario
    script = "".join((HERE / name).read_text(encoding="utf-8") for name in ("page.js", "story.js"))
    data = json.dumps(replay_data(replay), separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
    header = [
        tag("h1", title(replay)),
        tag("p", scenario.question, "question") if scenario.question else "",
        tag("p", setting_text(replay), "quiet"),
        tag("p", shown_text(replay)),
    ]
    body = joined([
        _player(replay),
        _person(),
        section("read", "How to read it", bullets(READING)),
        section("days", "Day by day", *(_days(played) for played in replay.plans)),
        Markup(f'<script type="application/json" id="data">{data}</script>\n<script>{script}</script>'),
    ])  # fmt: skip
    style = (HERE / "page.css").read_text(encoding="utf-8")
    return document(title(replay), header, body).replace("</style>", f"{style}</style>", 1)


def setting_text(replay: Replay) -> str:
    """What was simulated."""
    scenario, world = replay.scenario, replay.world
    return (f"A simulation: replicate {replay.replicate} of {scenario.run.replicates} (counted from 0), "
            f"{scenario.run.days} days, {world.n_people:,} agents of {world.people_per_agent:,.4g} people each, "
            f"seed {scenario.run.seed}.")  # fmt: skip


def shown_text(replay: Replay) -> str:
    """How many of the people are shown, and how they were chosen."""
    shown, n = replay.shown, replay.world.n_people
    kind = "neighbourhoods of the given graph" if replay.world.society.names else "groups of friends"
    if len(shown.people) == n:
        return f"All {n:,} people are shown, by community ({kind})."
    rest = len(shown.people) - shown.n_by_lot
    return (
        f"{len(shown.people):,} of {n:,} people are shown, in whole communities ({kind}; the last of each kind in "
        f"part): {shown.n_by_lot:,} in communities drawn by lot, and {rest:,} in those where most people bought after "
        "seeing a post, then shared, then engaged (dashed edge). So people who did something are more frequent in the "
        "picture than in the campaign; the figures of the whole run stand beside those of the people shown."
    )


# --- the parts of the page ---------------------------------------------------------------------------------


def _player(replay: Replay) -> Markup:
    last = replay.scenario.run.days - 1
    speeds = "".join(f'<option value="{n}"{" selected" if n == 2 else ""}>{n} {"day" if n == 1 else "days"} a second'
                     "</option>" for n in SPEEDS)  # fmt: skip
    keys = "".join(
        f'<li><svg viewBox="0 0 24 16" aria-hidden="true">{mark}</svg>{escape(name)}</li>'
        for name, mark in LEGEND.items()
    )
    return Markup(
        '<section id="player" tabindex="0" aria-label="The replay: Space plays and pauses, the left and right arrows '
        'step, up and down change the speed">\n<div class="controls">\n'
        '<button type="button" id="begin">To the start</button>\n<button type="button" id="back">Back a day</button>\n'
        '<button type="button" id="play">Play</button>\n<button type="button" id="on">On a day</button>\n'
        f'<label for="speed">Speed</label><select id="speed">{speeds}</select>\n'
        f'<label for="day">Day</label><input id="day" type="range" min="0" max="{last}" value="0" step="1">\n'
        '<output id="when" for="day" aria-live="polite">Day 0</output>\n</div>\n'
        f'<ul class="legend" aria-label="Marks and lines">{keys}</ul>\n<div class="panels">'
        f"{''.join(_panel(played, at) for at, played in enumerate(replay.plans))}</div>\n"
        "<noscript><p>The picture needs JavaScript; the tables below have its figures.</p></noscript>\n</section>"
    )


def _panel(played: Played, at: int) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="n" id="whole{at}{key}">0</td>'
        f'<td class="n" id="here{at}{key}">0</td></tr>'
        for key, name in FIGURES.items()
    )
    words = f"People as dots by community, creators above them, with plan {played.name}; the table has the figures"
    return (
        f'<div class="panel"><h2 id="plan{at}">{escape(played.name)}</h2>\n'
        f'<canvas id="canvas{at}" role="img" aria-label="{escape(words, quote=True)}"></canvas>\n'
        f'<p class="today" id="today{at}"></p>\n<table><caption>So far, with {escape(played.name)}</caption>'
        '<thead><tr><th scope="col">figure</th><th scope="col" class="n">whole run, real people</th>'
        f'<th scope="col" class="n">shown, agents</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _person() -> Markup:
    options = "".join(f'<option value="{key}">{escape(name)}</option>' for key, name in WANTED.items())
    return section(
        "person-story", "A person’s story",
        tag("p", "Point at a dot, or choose here; a click holds a person fast."),
        Markup(
            '<div class="who"><label for="person">Person number</label><input id="person" type="number" min="0">\n'
            f'<label for="wanted">Somebody</label><select id="wanted">{options}</select>\n'
            '<button type="button" id="previous">Previous</button><button type="button" id="next">Next</button></div>\n'
            '<div id="story" aria-live="polite"><p>Nobody chosen.</p></div>'
        ),
    )  # fmt: skip


def _days(played: Played) -> Markup:
    """The picture in words: each day's figures."""
    heads = ["day", "posts live", *(f"{name}, {of}" for name in FIGURES.values() for of in ("whole run", "shown"))]
    caption = f"{played.name}, day by day (whole run in real people, shown in agents)"
    inside = table(caption, heads, _rows(played))
    return Markup(f"<details><summary>{escape(played.name)}</summary>{inside}</details>")


def _rows(played: Played) -> Sequence[Sequence[object]]:
    whole, here = whole_figures(played.run), shown_figures(played)
    return [
        [day, len(played.campaign.today(day)),
         *(f"{column[day]:,}" for name in FIGURES for column in (whole[name], here[name]))]
        for day in range(played.campaign.days)
    ]  # fmt: skip
