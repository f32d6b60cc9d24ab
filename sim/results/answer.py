"""The answer in plain sentences: who wins what, by how much, how sure, at what cost, and against which expectation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.ensemble import Ensemble
from sim.platforms import FORMATS
from sim.results.comparison import UNDECIDED, Comparison, Difference
from sim.results.measures import METRICS, PlanTotals
from sim.results.precision import PRECISE_METRICS
from sim.results.rounding import number, percent
from sim.results.statistics import MIN_CLUSTERS
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan, post_price

HEADLINES = {
    "reach": "people reached",
    "engagements": "engagements",
    "incremental_conversions": "extra orders",
    "roi": "return on the money",
}
"""The figures an answer is about, and what they are called in a sentence."""

MANY_SOCIETIES = 20
"""From here on more societies narrow an interval little: Student's t is within a seventh of the normal quantile at the
levels of up to seven looks."""

RARE, FEWEST_TO_TELL = 1 / 3, 8
"""A replicate with this share of a plan's figure is told of, from so many replicates on (each would hold an eighth
if all were alike). Both numbers are choices; how far intervals then miss is measured in experiments/statistics."""

SIZE_EXPONENTS = {"reach": 0.9, "engagements": 1.0}
"""First-order growth of a figure with followers, F^ε: reach falls slowly with size, engagement at a flat rate."""


def answer(comparison: Comparison) -> tuple[str, ...]:
    """Three or four sentences; nothing is claimed that the intervals do not carry."""
    plans = [plan for plan in comparison.figures if plan != NONE]
    if len(plans) == 1:
        return (_alone(comparison, plans[0]), *_return(comparison, plans), *carried_by_one(comparison, plans),
                *_precision(comparison))  # fmt: skip
    sentences = [*_winners(comparison, plans), *_return(comparison, plans)]
    sentences += _by_size_alone(comparison, plans)
    sentences += carried_by_one(comparison, plans)
    sentences += _more_replicates(comparison)
    sentences += _precision(comparison)
    return tuple(sentences)


def _alone(comparison: Comparison, plan: str) -> str:
    shown = []
    for metric in ("reach", "engagements", "incremental_conversions"):
        interval = comparison.figures[plan][metric]
        if interval is not None:
            fixed = interval.low is None or interval.low == interval.high
            span = "" if fixed else f" ({number(interval.low)} to {number(interval.high)})"
            shown.append(f"{number(interval.mean)} {HEADLINES[metric]}{span}")
    return f"{plan} brings {', '.join(shown)}."


def _winners(comparison: Comparison, plans: Sequence[str]) -> list[str]:
    """Who leads in what and by how much; and what is undecided."""
    leads, open_questions = [], []
    for metric, words in HEADLINES.items():
        means = {plan: mean for plan in plans if (mean := _mean(comparison, plan, metric)) is not None}
        if len(set(means.values())) < 2:
            continue
        lead, second = sorted(means, key=lambda plan: -means[plan])[:2]
        if any(_row(comparison, lead, plan, metric).verdict == UNDECIDED for plan in means if plan != lead):
            open_questions.append(_undecided(comparison, lead, second, metric, words))
        else:
            leads.append(f"{lead} leads in {words} ({_sizes(comparison, lead, second, metric)})")
    money = _money(comparison, plans)
    nobody = "no plan is sure to lead in anything" if open_questions else "the plans come out the same"
    sentences = [f"{money}, {_listed(leads) if leads else nobody}."]
    sentences += [f"Undecided: {'; '.join(open_questions)}."] if open_questions else []
    return sentences


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"


def _undecided(comparison: Comparison, lead: str, second: str, metric: str, words: str) -> str:
    """The two highest plans, and whether only looking at several figures makes their order unsure."""
    shown = percent if metric == "roi" else number
    row = _row(comparison, lead, second, metric)
    alone = row.low is not None and row.high is not None and not row.low <= 0 <= row.high
    close = ", unsure only because several figures are looked at" if alone and row.verdict == UNDECIDED else ""
    first, other = (shown(_mean(comparison, plan, metric)) for plan in (lead, second))
    return f"{words} ({lead} {first}, {second} {other}{close})"


def _money(comparison: Comparison, plans: Sequence[str]) -> str:
    currency = comparison.ensemble.scenario.market.currency
    costs = [_mean(comparison, plan, "cost") or 0.0 for plan in plans]
    if max(costs) == 0:
        return "At no cost"
    if max(costs) <= 1.01 * min(costs):
        return f"For {number(max(costs))} {currency} each"
    spent = ", ".join(f"{number(cost)} {currency} for {plan}" for plan, cost in zip(plans, costs, strict=True))
    return f"At different cost ({spent})"


def _sizes(comparison: Comparison, lead: str, other: str, metric: str) -> str:
    """ "1.40 times b's; 12,000 against 8,600; difference 2,100 to 4,700"."""
    first, second = _mean(comparison, lead, metric), _mean(comparison, other, metric)
    row = _row(comparison, lead, other, metric)
    low, high = (row.low, row.high) if row.a == lead else (_minus(row.high), _minus(row.low))
    shown = percent if metric == "roi" else number
    text = f"{shown(first)} against {shown(second)} for {other}"
    if metric != "roi" and first and second and second > 0:
        text = f"{first / second:.2f} times: {text}"
    return text if low is None else f"{text}; difference {shown(low)} to {shown(high)}"


def _return(comparison: Comparison, plans: Sequence[str]) -> list[str]:
    """What an extra order costs, and whether any plan earns its money back."""
    currency = comparison.ensemble.scenario.market.currency
    prices = [
        f"{number(cpa)} {currency} with {plan}" for plan in plans if (cpa := _mean(comparison, plan, "cpa")) is not None
    ]
    rois = {plan: roi for plan in plans if (roi := comparison.figures[plan]["roi"]) is not None}
    sentences = []
    if prices:
        margin = comparison.ensemble.scenario.product.price * comparison.ensemble.scenario.product.margin
        sentences.append(
            f"An extra order costs {' and '.join(prices)}; it brings a margin of {number(margin)} {currency}."
        )
    if rois and all(roi.high is not None and roi.high < 0 for roi in rois.values()):
        sentences.append("No plan earns its cost back within the run.")
    return sentences


def _by_size_alone(comparison: Comparison, plans: Sequence[str]) -> list[str]:
    """What followers and prices alone would make expect of the first two plans, beside what came out."""
    a, b = plans[:2]
    scenario = comparison.ensemble.scenario
    if not (_size_decides(scenario.plan(a)) and _size_decides(scenario.plan(b))):
        return []
    parts = []
    for metric, exponent in SIZE_EXPONENTS.items():
        simulated = comparison.difference(a, b, metric).ratio
        first, second = (followers_power(comparison.ensemble, plan, exponent) for plan in (a, b))
        if simulated is not None and second > 0:
            parts.append(f"{first / second:.2f} in {HEADLINES[metric]} (simulated {simulated:.2f})")
    if not parts:
        return []
    cost = _mean(comparison, a, "cost") or 0.0
    return [f"By size alone (reach as followers^0.9, engagement as followers) {a} : {b} would be "
            f"{' and '.join(parts)}; "
            f"the rest is trust, relevance, overlap and the feed.{_what_it_buys(scenario, a, cost)}"]  # fmt: skip


def _size_decides(plan: Plan) -> bool:
    """Whether to first order followers decide a plan: plain posts, decided beforehand, and nothing given away."""
    plain = all(deal.format == FORMATS[0] for deal in plan.deals)
    return bool(plan.deals) and plain and plan.seeding is None and plan.second is None


def followers_power(ensemble: Ensemble, plan: str, exponent: float) -> float:
    """Σ F^ε over the posts that a plan brought in all replicates: the first-order size of a figure."""
    creators, total = ensemble.scenario.creators, 0.0
    for planned in ensemble.runs(plan):
        for handle, posts in zip(planned.run.handles, planned.run.by_creator["posts"], strict=True):
            total += float(posts) * creators[handle].followers ** exponent
    return total


def _what_it_buys(scenario: Scenario, plan: str, cost: float) -> str:
    """Followers of the one creator whose posts at market price cost as much as the plan's."""
    rounds = max((deal.posts for deal in scenario.plan(plan).deals), default=0)
    base = scenario.rates.price_constant * scenario.market.usd_rate
    if cost <= 0 or rounds == 0:
        return ""
    posts = "post" if rounds == 1 else "posts"
    followers = 10_000.0 * (cost / rounds / base) ** (1.0 / scenario.rates.price_exponent)
    return f" At market prices that money buys {rounds} {posts} by one creator of about {number(followers)} followers."


def luckiest(totals: PlanTotals) -> tuple[str, float | None]:
    """The figure of which a single replicate holds most, and its share; None where that is not too much to tell of."""
    shares = {}
    for metric in PRECISE_METRICS:
        values = np.abs(totals.of(metric))
        shares[metric] = float(values.max() / values.sum()) if values.any() else 0.0
    worst = max(shares, key=lambda metric: shares[metric])
    rare = len(totals.of(worst)) >= FEWEST_TO_TELL and shares[worst] >= RARE
    return worst, shares[worst] if rare else None


def carried_by_one(comparison: Comparison, plans: Sequence[str]) -> list[str]:
    """Where one replicate's luck, a post that went round, holds much of a plan's figure: its interval is too narrow."""
    found, n = [], len(comparison.ensemble.replicates)
    for plan in plans:
        metric, share = luckiest(comparison.totals[plan])
        if share is not None:
            found.append(f"{percent(share)} of {plan}'s {HEADLINES[metric]}")
    if not found:
        return []
    return [f"Of {n:,} replicates a single one holds {_and(found)}: a post that went round. Luck so rare makes "
            "intervals too narrow; the truth lies outside them more often than 5 times in 100."]  # fmt: skip


def _more_replicates(comparison: Comparison) -> list[str]:
    undecided = [
        row for row in comparison.differences
        if row.metric in HEADLINES and row.verdict == UNDECIDED and row.replicates_needed is not None
    ]  # fmt: skip
    if not undecided:
        return []
    row = undecided[0]
    return [f"If {HEADLINES[row.metric]} differ between {row.a} and {row.b} as much as they seem to, "
            f"about {row.replicates_needed:,} replicates would settle it."]  # fmt: skip


def _precision(comparison: Comparison) -> list[str]:
    """Whether the precision asked for was reached, with what, and what looking more than once costs."""
    made = comparison.precision
    if made is None:
        return []
    number_run = f"{len(comparison.ensemble.replicates):,} replicates"
    known = f"known to within {percent(made.asked)} of the larger plan's mean"
    if made.reached:
        sentences = [f"With {number_run} every difference in {_listed_words()} is {known}."]
    else:
        worst = max(made.widths, key=lambda width: math.inf if width.share is None else width.share)
        to = f"±{number(worst.half_width)}" if worst.share is None else f"{percent(worst.share)}"
        of = worst.a if worst.b == NONE else f"{worst.a} against {worst.b}"
        sentences = [f"With {number_run}, the most there may be, not every difference is {known}: "
                     f"{HEADLINES[worst.metric]} of {of} to {to}.{_more_societies(comparison)}"]  # fmt: skip
    if made.most_looks > 1:
        seen = _and([f"{look:,}" for look in made.looks])
        sentences.append(f"Looked at with {seen} replicates. There may be {made.most_looks} looks, so each is at the "
                         f"{percent(made.confidence)} level: the intervals and verdicts then hold with 95 % although "
                         "it was looked at more than once.")  # fmt: skip
    return sentences


def _listed_words() -> str:
    return _and([HEADLINES[metric] for metric in PRECISE_METRICS])


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _more_societies(comparison: Comparison) -> str:
    """Few societies make wide intervals, however many replicates live in them."""
    societies = len(set(comparison.ensemble.worlds))
    if not MIN_CLUSTERS <= societies < MANY_SOCIETIES:
        return ""
    return f" They live in {societies} societies; with --worlds {MANY_SOCIETIES} as many replicates tell more."


def plan_price(scenario: Scenario, plan: str) -> float:
    """Fees, gifts and seeding of a plan as far as they are known before any run; of a second stage, the test alone.

    Fees at the creators' own or the market's expected prices; what depends on orders is named by ``open_costs``.
    """
    booked = scenario.plan(plan)
    total = 0.0 if booked.seeding is None else booked.seeding.cost
    for deal in booked.deals:
        fee = post_price(deal, scenario.creators, scenario.rates, scenario.market.usd_rate)
        total += len(deal.post_days(scenario.run.days)) * fee + deal.gift
    return total


def open_costs(plan: Plan) -> list[str]:
    """Names of the costs that only the orders of a run decide."""
    terms = {"commission": any(deal.commission > 0 for deal in plan.deals),
             "discounts": any(deal.code > 0 for deal in plan.deals)}  # fmt: skip
    return [name for name, there in terms.items() if there]


def _row(comparison: Comparison, a: str, b: str, metric: str) -> Difference:
    try:
        return comparison.difference(a, b, metric)
    except KeyError:
        return comparison.difference(b, a, metric)


def _mean(comparison: Comparison, plan: str, metric: str) -> float | None:
    interval = comparison.figures[plan][METRICS[metric].key]
    return None if interval is None else interval.mean


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
