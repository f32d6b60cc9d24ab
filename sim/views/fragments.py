"""Results as fragments of HTML for notebooks: title, answer, key table.

Without script, style and outside address; without colours, so that they are as legible as the notebook's own text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.engine.classic import Cascades
from sim.record import Run
from sim.results.answer import answer, plan_price
from sim.results.comparison import Comparison
from sim.results.rounding import number, percent
from sim.results.settings import SETTING_METRICS, SettingsComparison
from sim.results.tables import paid_plans
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.society.world import World
from sim.studies.explain import Explanation
from sim.studies.select import Selection
from sim.studies.sensitivity import Sensitivity
from sim.studies.split import Split
from sim.studies.store import Store
from sim.views import explain, explain_words, select, select_words, sensitivity, sensitivity_words, split, split_words
from sim.views.lines import cascades_line, digest_of, plans_of, run_totals, world_line
from sim.views.page import Markup, bullets, joined, table, tag
from sim.views.settings import plan_lines, settings_lines
from sim.views.sweep import status_text
from sim.views.wording import KEY_FIGURES, best_text, counted, figure_title, interval_text, listed, setting_text

MOST_ROWS, MOST_NOTES = 20, 8


def scenario_fragment(scenario: Scenario) -> Markup:
    """The question, what it is asked of, and what each plan books at which price."""
    currency = scenario.market.currency
    rows = []
    for name in plans_of(scenario):
        deals = scenario.plan(name).deals
        handles = list(dict.fromkeys(deal.creator for deal in deals))
        followers = sum(scenario.creators[handle].followers for handle in handles)
        rows.append((name, listed(handles, 4) or "–", number(followers), f"{sum(deal.posts for deal in deals):,}",
                     number(plan_price(scenario, name))))  # fmt: skip
    run = scenario.run
    setting = (f"{number(scenario.market.population)} people as {counted(scenario.people, 'agent')}, "
               f"{counted(run.days, 'day')}, {counted(run.replicates, 'replicate')} in "
               f"{counted(scenario.worlds, 'society', 'societies')}, seed {run.seed}, "
               f"digest {digest_of(scenario)}.")  # fmt: skip
    head = ("plan", "creators", "followers", "posts", f"fees and gifts ({currency})")
    return _fragment(scenario.name, scenario.question, setting, table("What each plan books", head, rows, words=(1,)),
                     notes=scenario.notes)  # fmt: skip


def world_fragment(world: World) -> Markup:
    """Sizes, and each creator's audience."""
    rows = []
    for place in range(min(world.n_creators, MOST_ROWS)):
        audience = len(world.audience_of(place))
        rows.append((world.handles[place], number(world.followers[place]), f"{audience:,}",
                     percent(audience / world.n_people), f"{world.trust[place]:.2f}",
                     percent(world.engagement_rate[place])))  # fmt: skip
    head = ("creator", "followers", "audience (agents)", "of all people", "trust", "expected engagement rate")
    return _fragment("World", world_line(world).removeprefix("World: ") + ".", table("Creators", head, rows),
                     _more(world.n_creators), notes=world.warnings)  # fmt: skip


def run_fragment(run: Run) -> Markup:
    """Totals, and what each creator who posted brought."""
    w, by = run.people_per_agent, run.by_creator
    columns = ("impressions", "reach", "engagements_expected", "clicks_expected", "attributed_expected")
    at_work = [place for place in range(len(run.handles)) if by["posts"][place]]
    rows = []
    for place in at_work[:MOST_ROWS]:
        told = (w * int(by[name][place]) / (FIXED_POINT if name.endswith("_expected") else 1) for name in columns)
        rows.append((run.handles[place], f"{int(by['posts'][place]):,}", *map(number, told)))
    totals = "; ".join(f"{name} {number(value)}" for name, value in run_totals(run).items())
    days = counted(len(run.daily["engagements_expected"]), "day")
    head = ("creator", "posts", "impressions", "reach", "engagements", "clicks", "orders of last clicks")
    return _fragment("Run", f"One run of {days}, in real people and expected deeds: {totals}.",
                     table("Creators at work", head, rows), _more(len(at_work)))  # fmt: skip


def comparison_fragment(comparison: Comparison) -> Markup:
    """The question, the answer in sentences, the key figures with intervals and who is better."""
    scenario, plans = comparison.ensemble.scenario, paid_plans(comparison)
    several = len(plans) > 1
    rows = [
        (figure_title(key, scenario.market.currency),
         *(interval_text(key, comparison.figures[plan][key]) for plan in plans),
         *([best_text(comparison, key)] if several else []))
        for key in KEY_FIGURES
    ]  # fmt: skip
    head = ("figure", *plans, *(["better" if len(plans) == 2 else "best"] if several else []))
    told = [tag("p", sentence) for sentence in answer(comparison)]
    setting = f"{setting_text(comparison)}, digest {comparison.digest}."
    return _fragment(scenario.name, scenario.question, setting, *told,
                     table("Mean and 95 % interval", head, rows), notes=comparison.warnings)  # fmt: skip


def settings_fragment(found: SettingsComparison) -> Markup:
    """What is set, which plan is better where, and each plan's figures in every setting."""
    first = found.first
    scenario = first.ensemble.scenario
    names = [setting.name for setting in found.settings]
    tables = [
        table(f"{plan}: mean and 95 % interval", ("figure", *names), [
            (figure_title(key, scenario.market.currency),
             *(interval_text(key, found.comparisons[name].figures[plan][key]) for name in names))
            for key in SETTING_METRICS])
        for plan in paid_plans(first)
    ]  # fmt: skip
    return _fragment(scenario.name, scenario.question, f"{setting_text(first)}, digest {found.digest}.",
                     bullets(settings_lines(found)), *tables, bullets(plan_lines(found)),
                     notes=(*first.warnings, *found.warnings))  # fmt: skip


def explanation_fragment(explanation: Explanation) -> Markup:
    """Why, what would turn it, and the parts of the difference."""
    told = [tag("p", sentence) for sentence in explain_words.sentences(explanation)]
    rows = explain_words.share_rows(explanation)
    return _fragment(explain.title(explanation), *told, table("Parts", explain.SHARE_HEADS, rows, words=(3,)),
                     notes=explanation.notes)  # fmt: skip


def split_fragment(found: Split) -> Markup:
    """The best split, those as good, and the curve."""
    told = [tag("p", sentence) for sentence in split_words.sentences(found)]
    return _fragment(split.title(found), *told,
                     table(f"Every split; {split.MARKS}", split_words.heads(found), split_words.curve_rows(found)),
                     notes=(*found.notes, *found.comparison.warnings))  # fmt: skip


def selection_fragment(selection: Selection) -> Markup:
    """Whom to book, and the set beside simple rules."""
    told = [tag("p", sentence) for sentence in select_words.sentences(selection)]
    return _fragment(select.title(selection), *told,
                     table("In the order chosen", select_words.member_heads(selection),
                           select_words.member_rows(selection), words=(1,)),
                     table("Beside simple rules", select_words.rival_heads(selection),
                           select_words.rival_rows(selection)), notes=selection.notes)  # fmt: skip


def sensitivity_fragment(found: Sensitivity) -> Markup:
    """What decides each figure, with its indices."""
    parts: list[str] = []
    for one in found.figures.values():
        parts += [tag("p", " ".join(sensitivity_words.sentences(found, one))),
                  table(sensitivity_words.title_of(found, one), sensitivity_words.heads(one),
                        sensitivity_words.rows(found, one), words=(1,))]  # fmt: skip
    return _fragment(sensitivity.title(found), found.study.question, *parts, notes=found.warnings)


def store_fragment(store: Store) -> Markup:
    """What varies, and how far the runs are."""
    study = store.study
    rows = [(axis.key, sensitivity_words.range_text(axis)) for axis in study.axes]
    return _fragment(study.name, study.question, table("What varies", ("number", "values"), rows, words=(1,)),
                     tag("pre", status_text(store)), "frame() is the table of the runs, plot() a figure.")  # fmt: skip


def cascades_fragment(made: Cascades) -> Markup:
    """How large cascades become."""
    sizes = made.sizes
    middle = [f"{float(np.percentile(sizes, q)):,.0f}" for q in (5, 50, 95)]
    head = ("mean size", "5 % at most", "half at most", "95 % at most", "largest", "mean depth")
    row = (f"{sizes.mean():,.4g}", *middle, f"{int(sizes.max()):,}", f"{made.depths.mean():,.3g}")
    return _fragment("Cascades", cascades_line(made).removeprefix("Cascades: ") + ", seeds counted.",
                     table("Sizes in people active at the end", head, [row]))  # fmt: skip


def _fragment(title: str, *parts: str | None, notes: Sequence[str] = ()) -> Markup:
    """Plain text among the parts becomes a paragraph; notes come last, folded."""
    made: list[str] = [tag("p", tag("strong", title))]
    made += [part if isinstance(part, Markup) else tag("p", part) for part in parts if part]
    if notes:
        more = [f"and {len(notes) - MOST_NOTES} more"] if len(notes) > MOST_NOTES else []
        inside = joined([tag("summary", f"To know ({len(notes)})"), bullets([*notes[:MOST_NOTES], *more])], "")
        made.append(tag("details", inside))
    return tag("div", joined(made))


def _more(rows: int) -> str:
    return f"and {rows - MOST_ROWS:,} more creators" if rows > MOST_ROWS else ""


FRAGMENTS: Mapping[type, Callable[[Any], Iterable[str]]] = {
    Scenario: scenario_fragment, World: world_fragment, Run: run_fragment, Comparison: comparison_fragment,
    SettingsComparison: settings_fragment, Explanation: explanation_fragment, Split: split_fragment,
    Selection: selection_fragment, Sensitivity: sensitivity_fragment, Store: store_fragment,
    Cascades: cascades_fragment,
}  # fmt: skip
