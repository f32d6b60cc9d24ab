"""The results in the app: one tab a view. Tables and figures are made by the same code as the report's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from sim.errors import InfluenceError, InputError
from sim.results.answer import HEADLINES, answer
from sim.results.comparison import Comparison
from sim.results.tables import paid_plans
from sim.scenario.load import Scenario
from sim.studies.split import asked as split_asked
from sim.studies.splits import Terms, groups_of
from sim.views.app.controls import plain, quiet, usual_budget
from sim.views.app.state import Outcome, Session, changed_values
from sim.views.console import value_text, words
from sim.views.page import Markup, bullets, joined, picture, table, tag
from sim.views.plots import Picture
from sim.views.split import MARKS, READING
from sim.views.split_words import curve_rows, heads
from sim.views.split_words import sentences as split_sentences
from sim.views.wording import (
    KEY_FIGURES,
    UNDEFINED,
    best_text,
    counted,
    figure_title,
    interval_text,
    mean_text,
    range_text,
    setting_text,
    shown,
)

STYLE = """<style>
.question { font-size: 1.15rem; } .quiet, figcaption, caption { font-size: .875rem; }
.answer { border-left: .3rem solid #0072b2; padding-left: 1rem; } .answer p { margin: .5rem 0; max-width: 48rem; }
.problem { border-left: .3rem solid #d55e00; padding-left: 1rem; margin: .5rem 0; }
.problem pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font-size: .9rem; }
.scroll { overflow-x: auto; } .scroll table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; caption-side: top; }
.scroll th, .scroll td { text-align: left; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid #8887; }
.scroll th, .scroll td { vertical-align: baseline; } .scroll tbody th { font-weight: normal; }
.scroll .n { text-align: right; white-space: nowrap; } .n small { display: block; }
figure { margin: 1rem 0; } figure img { width: 100%; max-width: 50rem; background: #fff; display: block; }
</style>"""
FILES = {"report.html": "text/html", "scenario.toml": "application/toml", "runs.csv": "text/csv",
         "daily.csv": "text/csv", "creators.csv": "text/csv", "summary.json": "application/json"}  # fmt: skip
FEW = "A quick look with {}: the luck of one can turn a verdict. Raise Replicates before you rely on it."
ENOUGH = 20
"""Replicates from which this is not said: as many as the first scenario has."""
FEW_REMARKS = 3
"""More of them are folded."""
TABS = ("Answer", "Split curve", "World", "Replay", "Compared with before", "Downloads")


def style() -> None:
    """The look of what is not Streamlit's own."""
    st.html(STYLE)


def show(session: Session, scenario: Scenario | None) -> None:
    """Every tab. scenario: as the controls say now; None where it cannot be run."""
    outcome = session.now
    if outcome is None:
        quiet("Run answers the question: every plan of the scenario, on the same people with the same luck.")
        return
    answered, curve, world, replay, before, downloads = st.tabs(list(TABS))
    with answered:
        later = _answer(outcome)
    with curve:
        _curve(session, scenario)
    with world:
        _world(outcome)
    with replay:
        _replay(outcome)
    with before:
        _before(session)
    with downloads:
        _downloads(session, outcome)
    for name, place in later.items():
        place.html(_figure(outcome.picture(name)))


def _figure(drawn: Picture) -> str:
    return picture(drawn.png, drawn.title, drawn.alternative)


# --- the answer --------------------------------------------------------------------------------------------


def _answer(outcome: Outcome) -> dict[str, Any]:
    """Sentences, notes and table; the places where the figures, which take longer, will stand."""
    comparison = outcome.comparison
    replicates = len(comparison.ensemble.replicates)
    quiet(FEW.format(counted(replicates, "replicate")) if replicates < ENOUGH else f"Run with {replicates} replicates.")
    st.html(f'<div class="answer">{joined(tag("p", sentence) for sentence in answer(comparison))}</div>')
    if comparison.warnings:
        many = len(comparison.warnings)
        with st.expander(f"To know: {counted(many, 'remark')}", expanded=many <= FEW_REMARKS):
            st.html(bullets(comparison.warnings))
    place = st.empty()
    st.html(figures_table(comparison))
    quiet(f"A simulation: {setting_text(comparison)}.")
    return {"comparison": place, "daily": st.empty()}


def figures_table(comparison: Comparison) -> Markup:
    """Every key figure with its interval, a column a plan."""
    plans, currency = paid_plans(comparison), comparison.ensemble.scenario.market.currency
    verdict = ["better" if len(plans) == 2 else "best"] if len(plans) > 1 else []
    rows = [
        [figure_title(key, currency), *(_estimate(comparison, plan, key) for plan in plans)]
        + [best_text(comparison, key) for _ in verdict]
        for key in KEY_FIGURES
    ]
    return table("Mean and 95 % interval", ["figure", *plans, *verdict], rows, words=[len(plans) + 1])


def _estimate(comparison: Comparison, plan: str, key: str) -> Markup:
    interval = comparison.figures[plan][key]
    span = range_text(key, interval)
    return joined([tag("span", mean_text(key, interval)), tag("small", span) if span else ""], "")


# --- the split curve ---------------------------------------------------------------------------------------


def _curve(session: Session, scenario: Scenario | None) -> None:
    if scenario is not None:
        quiet("Which split of a budget over the tiers of the scenario's creators is best?")
        own = next((plan.budget for plan in reversed(scenario.plans) if plan.budget is not None), None)
        label, usual = f"Budget to split ({scenario.market.currency})", own or usual_budget(scenario)
        budget = st.number_input(label, 1.0, 1e9, usual, 100.0, "%.0f", key=f"{scenario.name}:curve-budget")
        if st.button("Work out the split curve", key="curve"):
            try:
                question = split_asked(scenario, groups_of(scenario, None), float(budget), Terms())
            except InputError as error:
                session.problem = str(error)
            else:
                session.split(question, scenario.digest(""))
            st.rerun()
    found = session.curve
    if found is None:
        return
    if scenario is None or scenario.digest("") != found.key:
        quiet("This curve is of the settings before.")
    st.html(f'<div class="answer">{joined(tag("p", sentence) for sentence in split_sentences(found.split))}</div>')
    st.html(_figure(found.picture))
    st.html(table(f"Shares and figures; {MARKS}", heads(found.split), curve_rows(found.split)))
    quiet(READING)


# --- world and replay --------------------------------------------------------------------------------------


def _world(outcome: Outcome) -> None:
    quiet("The people, their ties and the creators' audiences in the first replicate.")
    if outcome.world is None and not st.button("Describe the world", key="world"):
        return
    with st.spinner("building the world"):
        described = outcome.describe_world()
    for name, contents in described.items():
        st.html(world_table(name, contents))


def world_table(name: str, contents: Any) -> Markup:
    """One part of a world's description as a table."""
    title = words(name).capitalize()
    if not isinstance(contents, Mapping):
        rows = list(contents)
        heads = [words(key) for key in rows[0]] if rows else ["none"]
        cells = [[value_text(key, value) for key, value in row.items()] for row in rows]
        return table(title, heads, cells)
    cells = [[words(str(key)), value_text(str(key), value)] for key, value in contents.items()]
    return table(title, ["", "value"], cells, words=[1])


def _replay(outcome: Outcome) -> None:
    quiet("One replicate, day by day, as the people see it.")
    if outcome.replay is None and not st.button("Make the replay", key="replay"):
        return
    try:
        with st.spinner("playing one replicate again"):
            page = outcome.replay_page()
    except InfluenceError as error:
        st.html(f'<div class="problem" role="alert">{tag("pre", error)}</div>')
    else:
        st.iframe(page, height=900, alt="Replay of one replicate, day by day")


# --- compared with the run before ----------------------------------------------------------------------------


def _before(session: Session) -> None:
    now, before = session.now, session.before
    if now is None or before is None:
        quiet("After the second run, the last two stand here side by side.")
        return
    changed = changed_values(before.scenario, now.scenario)
    st.html(joined([tag("p", "What was changed:"), bullets(changed)]) if changed else tag("p", "Nothing was changed."))
    st.html(before_table(before.comparison, now.comparison))
    quiet("The same seed: people and luck are the same where the settings that decide them are.")


def before_table(before: Comparison, now: Comparison) -> Markup:
    """The headline figures of each plan, before and now."""
    currency = now.ensemble.scenario.market.currency
    rows: list[Sequence[object]] = []
    for plan in dict.fromkeys([*paid_plans(now), *paid_plans(before)]):
        for key in HEADLINES:
            old, new = (one.figures.get(plan, {}).get(key) for one in (before, now))
            change = UNDEFINED if old is None or new is None else shown(key, new.mean - old.mean)
            rows.append([plan, figure_title(key, currency), interval_text(key, old), interval_text(key, new), change])
    return table("Mean and 95 % interval, before and now", ["plan", "figure", "before", "now", "change"], rows,
                 words=[1])  # fmt: skip


# --- downloads -----------------------------------------------------------------------------------------------


def _downloads(session: Session, outcome: Outcome) -> None:
    quiet("What influence compare writes for the same question. scenario.toml has every value as it was used.")
    for name, kind in FILES.items():
        st.download_button(plain(name), partial(outcome.file, name, session.uploads), name, kind,
                           key=f"download-{name}", on_click="ignore")  # fmt: skip
