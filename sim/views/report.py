"""report.html: one file that opens without a network, for a reader who was not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.parameters import PARAMETERS
from sim.results.answer import HEADLINES, answer
from sim.results.comparison import UNDECIDED, Comparison, Difference
from sim.results.measures import METRICS, VERDICT_METRICS
from sim.results.rounding import number, percent
from sim.results.tables import (
    SOURCE_NAMES,
    creator_means,
    daily_figures,
    day_labels,
    day_spans,
    paid_plans,
    sources_table,
)
from sim.views.booked import plan_terms
from sim.views.bought import DECLINED, bought_table
from sim.views.page import Markup, bullets, html, joined, links, page, picture, section, table, tag
from sim.views.plots import Picture, pictures
from sim.views.resolved import scenario_values
from sim.views.wording import (
    KEY_FIGURES,
    UNDEFINED,
    best_text,
    counted,
    figure_title,
    mean_text,
    range_text,
    setting_text,
    share_text,
    shown,
    verdict_text,
)

MOST_CREATORS = 100
CREATOR_FIGURES = {
    "posts": "posts", "cost": "cost", "reach": "reach", "engagements": "engaged",
    "engagement_rate_followers": "dashboard rate", "engagement_rate_real": "real rate", "clicks": "clicks",
    "attributed": "orders, last click",
}  # fmt: skip
MOST_SPANS = 12
MOST_PAIRS = 3
"""With more pairs of plans only the headline figures are compared."""

DAY_FIGURES = {
    "impressions": "impressions", "reach": "first reached", "engagements": "engagements", "clicks": "clicks",
    "shares": "shares", "incremental_conversions": "orders caused",
}  # fmt: skip


def write_report(comparison: Comparison, path: Path) -> Path:
    """The report as a file."""
    path.write_bytes(report_html(comparison).encode())
    return path


def report_html(
    comparison: Comparison,
    drawn: Sequence[Picture] | None = None,
    others: Sequence[str] = (),
    digest: str | None = None,
) -> str:
    """The whole report as one page without any outside address.

    drawn: its figures, if they are made already. others: what there is to say of other settings; digest: that of the
    whole question, where the comparison is not all of it.
    """
    figures = {each.name: each for each in (pictures(comparison) if drawn is None else drawn)}
    scenario = comparison.ensemble.scenario
    sections = {
        "plans": ("The plans side by side", [_glance(comparison), _show(figures["comparison"]), _bought(comparison)]),
        "sure": ("How sure this is", [_how_sure(comparison)]),
        "figures": ("Every key figure", [_estimates(comparison, KEY_FIGURES, "Mean and 95 % interval")]),
        "differences": ("The differences", _differences(comparison)),
        "settings": ("In other settings", others),
        "sources": ("Who was reached through what", [_show(figures["sources"]), _sources(comparison)]),
        "days": ("Day by day", [_show(figures["daily"]), *_days(comparison)]),
        "creators": ("Creator by creator", _creators(comparison)),
        "assumptions": ("What it rests on", _assumptions(comparison)),
        "definitions": ("What the figures mean", [_definitions()]),
        "again": ("Make it again", [_again(comparison, digest or comparison.digest)]),
    }
    present = {key: (title, parts) for key, (title, parts) in sections.items() if any(parts)}
    body = [
        tag("h1", scenario.name),
        tag("p", scenario.question, "question") if scenario.question else "",
        tag("p", f"A simulation: {setting_text(comparison)}.", "quiet"),
        Markup(f'<div class="answer">{joined(tag("p", sentence) for sentence in answer(comparison))}</div>'),
        _notes(comparison.warnings),
        links((key, title) for key, (title, _) in present.items()),
        *(section(key, title, *parts) for key, (title, parts) in present.items()),
    ]
    return page(scenario.name, joined(body))


def _show(figure: Picture) -> Markup:
    return picture(figure.png, figure.title, figure.alternative)


def _notes(warnings: Sequence[str]) -> str:
    return joined([tag("p", Markup("<strong>To know:</strong>")), bullets(warnings)]) if warnings else ""


# --- the plans and their figures ---------------------------------------------------------------------------


def _glance(comparison: Comparison) -> Markup:
    return _estimates(comparison, list(HEADLINES), "The figures that decide, mean and 95 % interval")


def _estimates(comparison: Comparison, keys: Sequence[str], caption: str) -> Markup:
    plans, currency = paid_plans(comparison), comparison.ensemble.scenario.market.currency
    verdict = ["better" if len(plans) == 2 else "best"] if len(plans) > 1 else []
    rows = [
        [figure_title(key, currency), *(_estimate(comparison, plan, key) for plan in plans)]
        + [_emphasised(best_text(comparison, key), plans) for _ in verdict]
        for key in keys
    ]
    return table(caption, ["figure", *plans, *verdict], rows, words=[len(plans) + 1])


def _estimate(comparison: Comparison, plan: str, key: str) -> Markup:
    interval = comparison.figures[plan][key]
    span = range_text(key, interval)
    return joined([html(mean_text(key, interval)), tag("small", span) if span else ""], "")


def _emphasised(verdict: str, plans: Sequence[str]) -> str:
    return tag("span", verdict, "sure") if any(verdict.startswith(plan) for plan in plans) else verdict


def _bought(comparison: Comparison) -> Markup:
    scenario = comparison.ensemble.scenario
    heads, rows = bought_table(comparison)
    heads = [*heads[:3], f"cost ({scenario.market.currency})", *heads[3:]]
    cells: list[list[object]] = [[*row[:3], _estimate(comparison, row[0], "cost"), *row[3:]] for row in rows]
    words = [place for place, head in enumerate(heads) if head == DECLINED]
    made = table("What each plan buys", heads, cells, words=words)
    terms = {plan.name: plan_terms(scenario, plan) for plan in scenario.plans}
    told = [joined([tag("h3", f"{name}: terms"), bullets(lines)]) for name, lines in terms.items() if lines]
    return joined([made, *told])


# --- how sure ----------------------------------------------------------------------------------------------


def _how_sure(comparison: Comparison) -> Markup:
    ensemble = comparison.ensemble
    replicates, worlds = len(ensemble.replicates), len(set(ensemble.worlds))
    if replicates == 1:
        return tag("p", "One replicate was run: it shows what may happen and settles nothing. There are no intervals.")
    family = ", ".join(METRICS[key].title for key in VERDICT_METRICS)
    lines = [
        f"{replicates:,} replicates in {counted(worlds, 'society', 'societies')}. In each, every plan meets the same "
        "people with the same luck, so that only the plan differs, and the plans are compared within replicates.",
        "The 95 % intervals say how far luck and the make-up of a society may carry a figure at these assumptions. "
        "They do not say that the assumptions hold.",
        "Undecided: the difference cannot be told from none at the 5 % level. These verdicts are corrected together "
        f"(Holm): {family}. So a difference may be undecided although its own interval leaves out 0. The verdicts on "
        "other figures are not corrected: about one in twenty would seem decided by luck alone.",
        *_replicates_needed(comparison),
    ]
    return bullets(lines)


def _replicates_needed(comparison: Comparison) -> list[str]:
    return [
        f"{METRICS[row.metric].title}, {row.a} against {row.b}: if they differ as much as they seem to, about "
        f"{row.replicates_needed:,} replicates would settle it."
        for row in comparison.differences
        if row.metric in HEADLINES and row.verdict == UNDECIDED and row.replicates_needed is not None
    ]


def _differences(comparison: Comparison) -> list[Markup]:
    pairs: dict[tuple[str, str], list[Difference]] = {}
    for row in comparison.differences:
        pairs.setdefault((row.a, row.b), []).append(row)
    keys: Sequence[str] = KEY_FIGURES if len(pairs) <= MOST_PAIRS else list(HEADLINES)
    tables = [_pair(comparison, a, b, rows, keys) for (a, b), rows in pairs.items()]
    note = "Differences of percentages are in percentage points. The share of replicates in which the first plan is "
    note += "higher has its own 95 % interval (Wilson); where creators differ much in quality, one plan can be higher "
    note += "more often and yet not on average."
    return [*tables, tag("p", note, "quiet")] if tables else []


def _pair(comparison: Comparison, a: str, b: str, rows: Sequence[Difference], keys: Sequence[str]) -> Markup:
    currency = comparison.ensemble.scenario.market.currency
    found = {row.metric: row for row in rows}
    cells = [
        [figure_title(key, currency), shown(key, row.mean), _span(key, row.low, row.high),
         UNDEFINED if row.ratio is None else f"{row.ratio:.2f}", _share(row),
         _emphasised(verdict_text(row), [a, b])]
        for key in keys
        if (row := found[key]).mean is not None and key != "cost"
    ]  # fmt: skip
    head = ["figure", "difference", "95 % interval", f"{a} ÷ {b}", f"replicates with {a} higher", "verdict"]
    return table(f"{a} minus {b}, paired", head, cells, words=[5])


def _span(key: str, low: float | None, high: float | None) -> str:
    return UNDEFINED if low is None else f"{shown(key, low)} to {shown(key, high)}"


def _share(row: Difference) -> Markup | str:
    if row.probability_a_higher is None:
        return UNDEFINED
    span = "" if row.share_low is None else tag("small", f"{percent(row.share_low)} to {percent(row.share_high)}")
    return joined([html(percent(row.probability_a_higher)), span], "")


# --- through what, when, by whom ---------------------------------------------------------------------------


def _sources(comparison: Comparison) -> Markup:
    people = sources_table(comparison)
    rows = [
        [plan, *(f"{number(row['people'])} ({share_text(row['share'])})" for row in rows.to_dict("records"))]
        for plan, rows in people.groupby("plan", sort=False)
    ]
    return table("Real people, by what first showed them the brand (mean)", ["plan", *SOURCE_NAMES], rows)


def _days(comparison: Comparison) -> list[Markup]:
    labels = day_labels(comparison.ensemble.scenario)
    spans = day_spans(len(labels), MOST_SPANS)
    counting = "; days are counted from 0" if comparison.ensemble.scenario.run.start_date is None else ""
    tables = []
    for plan in paid_plans(comparison):
        columns = daily_figures(comparison, plan)
        means = {key: columns[key].mean(axis=0) for key in DAY_FIGURES}
        rows = [
            [labels[first] if first == last else f"{labels[first]} to {labels[last]}"]
            + [number(float(column[first : last + 1].sum())) for column in means.values()]
            for first, last in spans
        ]
        total = ["all days", *(number(float(column.sum())) for column in means.values())]
        caption = f"{plan}, mean over replicates{counting}"
        tables.append(table(caption, ["day", *DAY_FIGURES.values()], rows, foot=total))
    return tables


def _creators(comparison: Comparison) -> list[Markup]:
    currency = comparison.ensemble.scenario.market.currency
    head = ["creator", "niche", "followers", *CREATOR_FIGURES.values()]
    tables = []
    for plan, frame in creator_means(comparison).groupby("plan", sort=False):
        rows = [
            [row["creator"], row["niche"] or "general", f"{row['followers']:,}"]
            + [(share_text if "rate" in name else number)(row[name]) for name in CREATOR_FIGURES]
            for row in frame.head(MOST_CREATORS).to_dict("records")
        ]  # fmt: skip
        hidden = len(frame) - MOST_CREATORS
        more = f"; {counted(hidden, 'more creator')} in creators.csv" if hidden > 0 else ""
        tables.append(table(f"{plan}, mean over replicates, money in {currency}{more}", head, rows, words=[1]))
    if not tables:
        return []
    note = "Cost: fees, gifts, commission and discounts. Dashboard rate: engagements ÷ (followers x posts), as a "
    note += "platform's dashboard shows it; real rate: the same by real followers, fakes left out. Orders go to the "
    note += "last click: they are attributed, not caused, since some would have come anyway. A person reached by two "
    note += "creators counts for both, so that the creators' reach adds up to more than the plan's."
    return [*tables, tag("p", note, "quiet")]


# --- what it rests on --------------------------------------------------------------------------------------


def _assumptions(comparison: Comparison) -> list[Markup]:
    settings: list[list[str]] = []
    changed: list[list[str]] = []
    kept: list[list[str]] = []
    for key, value, unit, origin, source in scenario_values(comparison.ensemble.scenario):
        section_name, _, name = key.partition(".")
        if section_name != "parameters":
            settings.append([key, _setting(key, value), unit, origin])
            continue
        row = [f"{name} ({PARAMETERS[name].symbol})", f"{value:g}", unit, PARAMETERS[name].meaning, source]
        if origin == "default":
            kept.append(row)
        else:
            changed.append([*row[:-1], f"{origin}; {source}" if source else origin])
    head = ["parameter", "value", "unit", "meaning"]
    words = [2, 3, 4]
    return [
        table("The scenario", ["setting", "value", "unit", "set by"], settings, words=[1, 2, 3]),
        table("Parameters that this scenario changes", [*head, "set by"], changed, words=words)
        if changed
        else Markup(),
        table("Parameters left at their defaults", [*head, "source"], kept, words=words),
    ]


def _setting(key: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and key != "run.seed" else str(value)


def _definitions() -> Markup:
    rows = [[metric.title, metric.definition, metric.unit] for metric in METRICS.values()]
    return table("Figures", ["figure", "definition", "unit"], rows, words=[1, 2])


def _again(comparison: Comparison, digest: str) -> Markup:
    asked = "" if comparison.precision is None else f" --precision {comparison.precision.asked:g}"
    command = tag("code", f"influence compare scenario.toml{asked}")
    lead = html("Beside this report lies scenario.toml, with every value as it was used. In that folder, ")
    rest = html(f" gives the same figures again (digest {digest}, seed {comparison.question.run.seed}); ")
    check = joined([tag("code", "influence reproduce ."), html(" does it and says whether every figure is equal.")], "")
    return tag("p", joined([lead, command, rest, check], ""))
