"""report.html of a store of runs: what varies, mean figures, who leads how often, a figure by each axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.results.answer import HEADLINES
from sim.results.measures import METRICS
from sim.results.rounding import number, percent
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.studies.store import Status, Store
from sim.studies.study import Axis, Study
from sim.studies.study_file import study_toml
from sim.views.page import Markup, Top, bullets, html, joined, picture, table, tag, whole_page
from sim.views.report.assumptions import assumptions
from sim.views.sweep_figure import alternative, sweep_png
from sim.views.terms import definitions, figure_term, term
from sim.views.wording import counted, shown

MOST_FIGURES = 4
BAND = (0.05, 0.95)
READING = (
    "A point is one combination of the values that vary; its figures are means over its replicates, which all points "
    "share the seeds of. A plan leads at a point where its mean is the better one, by however little: single points "
    "are not tested. Points lie where the design puts them, so that a share of points is no probability."
)


def point_means(store: Store) -> pd.DataFrame:
    """One row a point and paid plan: what varies, and each figure's mean over the replicates that are done."""
    study, frame = store.study, store.frame()
    done = frame[frame["error"].isna() & (frame["plan"] != NONE)]
    groups = done.groupby(["point", "plan"], sort=False)
    return groups.agg({**dict.fromkeys(study.keys, "first"), **dict.fromkeys(study.figures, "mean")}).reset_index()


def main_figures(study: Study) -> list[str]:
    """The figures that are drawn: those that an answer is about, else the first ones kept."""
    return ([key for key in HEADLINES if key in study.figures] or list(study.figures))[:MOST_FIGURES]


def leads(means: pd.DataFrame, figure: str) -> dict[str, int]:
    """At how many points each plan is the only best one in a figure; points where one has no figure are left out."""
    wide = means.pivot(index="point", columns="plan", values=figure).dropna()
    wide = wide if METRICS[figure].better == "higher" else -wide
    best = wide.max(axis=1)
    alone = wide.eq(best, axis=0).sum(axis=1) == 1
    return {str(plan): int((wide[plan].eq(best) & alone).sum()) for plan in wide.columns}


def sweep_html(store: Store, base: Scenario | None, notes: Sequence[str] = ()) -> str:
    """The whole page without any outside address. base: the scenario where nothing varies, if its file is there."""
    study, now, means = store.study, store.status(), point_means(store)
    figures = main_figures(study)
    currency = "scenario's currency" if base is None else base.market.currency
    plans = [str(plan) for plan in means["plan"].drop_duplicates()]
    drawn = [
        picture(
            sweep_png(means, study, key, plans, currency),
            f"{METRICS[key].title} by what varies; a dot is a point, the line its mean",
            alternative(means, study, key, plans),
        )
        for key in figures
    ]
    parts: dict[str, tuple[str, Sequence[str]]] = {
        "plans": ("The plans side by side", [_means(means, study, plans, currency)]),
        "leads": ("Which plan leads how often", [_leads(means, study, plans, currency), tag("p", READING, "quiet")]),
        "axes": ("By what varies", drawn),
        "varies": ("What varies", [_varies(study, base)]),
        "runs": ("Runs", _runs(now)),
        "assumptions": ("What it rests on", [] if base is None else assumptions(base)),
        "definitions": ("What the figures mean", [definitions(("point", "run", "replicate", "society", "agent"))]),
        "again": ("Make it again", _again(store)),
    }
    top = Top(study.name, study.question, f"A simulation. {_setting(study, base, now, means)}.",
              _answer(means, plans, figures), _sure(study, now), [*notes, *_failures(now)])  # fmt: skip
    return whole_page(top, parts if len(means) else {key: parts[key] for key in ("varies", "runs", "again")})


# --- in words ----------------------------------------------------------------------------------------------


def _setting(study: Study, base: Scenario | None, now: Status, means: pd.DataFrame) -> str:
    size = "" if base is None else f", {base.people:,} agents, {base.run.days} days"
    where = Path(study.scenario).stem
    points = means["point"].nunique()
    return f"{study.design.capitalize()} of {where}: {counted(points, 'point')}, {counted(now.done, 'run')} done{size}"


def _answer(means: pd.DataFrame, plans: Sequence[str], figures: Sequence[str]) -> list[str]:
    """Who leads how often, a sentence a figure."""
    told = []
    for key in figures if len(plans) > 1 else ():
        found = leads(means, key)
        points = sum(found.values())
        if points:
            shares = ", ".join(f"{plan} at {percent(count / points)}" for plan, count in found.items())
            told.append(
                f"Ahead in {HEADLINES.get(key, METRICS[key].title.lower())}: {shares} of {counted(points, 'point')}."
            )
    return told


def _sure(study: Study, now: Status) -> list[str]:
    played = "" if study.replicates is None else f" in {counted(study.replicates, 'replicate')} each"
    told = f"Every point was played on the same seeds{played}; who leads at one point alone may be luck."
    left = f" {counted(now.left, 'run')} are still to do, and not in these figures." if now.left else ""
    return [told + left, "Shares of points say how the answer hangs on what varies, not how likely the points are."]


def _failures(now: Status) -> list[str]:
    return [f"point {one.point}, replicate {one.replicate} failed: {one.error}" for one in now.errors]


# --- parts -------------------------------------------------------------------------------------------------


def _means(means: pd.DataFrame, study: Study, plans: Sequence[str], currency: str) -> Markup:
    rows = [[figure_term(key, currency), *(_spread(means[means["plan"] == plan][key], key) for plan in plans)]
            for key in study.figures]  # fmt: skip
    return table("Mean over points, and where nine tenths of the points lie", ["figure", *plans], rows)


def _spread(values: pd.Series, key: str) -> Markup:
    known = values.dropna()
    if known.empty:
        return Markup(html(shown(key, None)))
    low, high = (float(known.quantile(end)) for end in BAND)
    return joined([html(shown(key, float(known.mean()))), tag("small", f"{shown(key, low)} to {shown(key, high)}")], "")


def _leads(means: pd.DataFrame, study: Study, plans: Sequence[str], currency: str) -> Markup | str:
    rows = []
    for key in study.figures:
        if METRICS[key].better is None or len(plans) < 2:
            continue
        found = leads(means, key)
        points = sum(found.values())
        cells = [f"{percent(found[plan] / points)} ({found[plan]:,})" if points else "–" for plan in plans]
        rows.append([figure_term(key, currency), *cells, f"{points:,}"])
    heads = ["figure", *plans, term("point", "points at which one leads")]
    return table("Share of points at which a plan is ahead (and how many)", heads, rows) if rows else ""


def _varies(study: Study, base: Scenario | None) -> Markup:
    rows = [[axis.key, _range(axis), _usual(axis.key, base)] for axis in study.axes]
    rows += [[key, ", ".join(str(point.get(key, "–")) for point in study.listed), _usual(key, base)]
             for key in study.keys if not study.axes]  # fmt: skip
    return table(f"Design: {study.design}", ["what varies", "values", "in the scenario"], rows, words=[1, 2])


def _range(axis: Axis) -> str:
    if axis.values:
        return ", ".join(map(str, axis.values))
    low, high = axis.range
    told = f"{low:g} to {high:g}" + (f" in {axis.steps} steps" if axis.steps else "")
    return told + (", evenly in the logarithm" if axis.log else "") + (", whole numbers" if axis.whole else "")


def _usual(key: str, base: Scenario | None) -> str:
    section, _, name = key.partition(".")
    holder = None if base is None else base.rates if section == "parameters" else getattr(base, section, None)
    value = getattr(holder, name, None)
    return f"{value:g}" if isinstance(value, float) else "–" if value is None else str(value)


def _runs(now: Status) -> list[str]:
    rows = [["planned", f"{now.runs:,}"], ["done", f"{now.done:,}"], ["failed", f"{now.failed:,}"],
            ["left", f"{now.left:,}"]]  # fmt: skip
    hidden = now.failed - len(now.errors)
    more = [f"{number(hidden)} more; the export has them all"] if hidden > 0 else []
    return [
        table("Runs of the study", ["runs", "number"], rows),
        bullets([*_failures(now), *more]) if now.failed else "",
    ]


def _again(store: Store) -> list[str]:
    file = f"{Path(store.study.name).name}.toml"
    study, lead = tag("pre", tag("code", study_toml(store.study))), f"This study as a file, {file}:"
    end = joined(
        [
            tag("code", f"influence sweep {file}"),
            f" plays it again (digest {store.digest}), where its scenario lies beside it or is a built-in one.",
        ],
        "",
    )
    return [tag("p", lead), study, tag("p", end)]
