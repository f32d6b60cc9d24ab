"""The report's plans: side by side, what each buys, how sure the figures are, and their differences."""

from __future__ import annotations

from collections.abc import Sequence

from sim.results.answer import HEADLINES
from sim.results.comparison import UNDECIDED, Comparison, Difference
from sim.results.measures import METRICS, VERDICT_METRICS
from sim.results.rounding import percent
from sim.results.tables import paid_plans
from sim.views.booked import plan_terms
from sim.views.bought import DECLINED, bought_table
from sim.views.page import Markup, bullets, html, joined, table, tag
from sim.views.terms import figure_term
from sim.views.wording import KEY_FIGURES, UNDEFINED, best_text, counted, mean_text, range_text, shown, verdict_text

MOST_PAIRS = 3
"""With more pairs of plans only the headline figures are compared."""
SIDE_BY_SIDE = ("cost", "reach", "engagements", "incremental_conversions", "revenue", "roi")
"""Money, reach, engagement, sales and return: what a reader compares first."""
COVERED = (
    "The 95 % intervals say how far luck and the make-up of a society may carry a figure at these assumptions. They do "
    "not say that the assumptions hold."
)


def sure_lines(comparison: Comparison) -> list[str]:
    """How sure the answer is, in a sentence or two for the top of a page."""
    ensemble = comparison.ensemble
    replicates, worlds = len(ensemble.replicates), len(set(ensemble.worlds))
    if replicates == 1:
        return ["One replicate was run: it shows what may happen and settles nothing."]
    rows = [row for row in comparison.differences if row.metric in HEADLINES and row.mean is not None]
    settled = sum(row.verdict != UNDECIDED for row in rows)
    lead = f"{replicates:,} replicates in {counted(worlds, 'society', 'societies')}."
    if rows:
        named = list(HEADLINES.values())
        where = " and ".join((", ".join(named[:-1]), named[-1]))
        told = f"Of {counted(len(rows), 'difference')} between the plans in {where}, "
        lead += f" {told}{settled or 'none'} {'is' if settled < 2 else 'are'} outside the noise of luck and societies."
    return [lead, COVERED]


def glance(comparison: Comparison) -> Markup:
    """What a reader compares first."""
    return estimates(comparison, SIDE_BY_SIDE, "Money, reach, engagement, sales and return: mean and 95 % interval")


def estimates(comparison: Comparison, keys: Sequence[str], caption: str) -> Markup:
    """Figures of every paid plan, with who is better where plans have been compared."""
    plans, currency = paid_plans(comparison), comparison.ensemble.scenario.market.currency
    verdict = ["better" if len(plans) == 2 else "best"] if comparison.differences else []
    rows = [
        [figure_term(key, currency), *(_estimate(comparison, plan, key) for plan in plans)]
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


def bought_parts(comparison: Comparison) -> Markup:
    """What each plan buys, and on which terms."""
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


def how_sure(comparison: Comparison) -> Markup:
    """What the intervals and verdicts mean, and what would settle what is open."""
    ensemble = comparison.ensemble
    replicates, worlds = len(ensemble.replicates), len(set(ensemble.worlds))
    if replicates == 1:
        return tag("p", "One replicate was run: it shows what may happen and settles nothing. There are no intervals.")
    family = ", ".join(METRICS[key].title for key in VERDICT_METRICS)
    lines = [
        f"{replicates:,} replicates in {counted(worlds, 'society', 'societies')}. In each, every plan meets the same "
        "people with the same luck, so that only the plan differs, and the plans are compared within replicates.",
        COVERED,
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


def differences(comparison: Comparison) -> list[Markup]:
    """Every two plans, paired."""
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
        [figure_term(key, currency), shown(key, row.mean), _span(key, row.low, row.high),
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
