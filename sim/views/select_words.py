"""A choice of creators in words and rows: whom to book, what that brings, and what simple rules bring for the money."""

from __future__ import annotations

from collections.abc import Sequence

import tomlkit

from sim.results.answer import carried_by_one
from sim.results.comparison import UNDECIDED
from sim.results.rounding import number, percent
from sim.results.statistics import Interval
from sim.studies.select import CHOSEN, THE_SAME, Member, Rival, Selection
from sim.views.explain_words import noun, signed
from sim.views.wording import UNDEFINED, counted, figure_title, interval_text, listed, margin_text, mean_text, shown

MOST_NAMED = 12
"""Creators named in a sentence; the table holds them all."""


def sentences(selection: Selection) -> tuple[str, ...]:
    """The answer: whom, for how much, what that brings beside simple rules, and how far to trust it."""
    told = [whom(selection), brings(selection), *beside_rules(selection)]
    return (*told, *carried_by_one(selection.comparison, [selection.members[-1].plan]))


def whom(selection: Selection) -> str:
    """Who is booked for how much, and what is left over."""
    question, currency = selection.question, currency_of(selection)
    posts = counted(question.terms.posts, "post")
    each = f", {posts} each" if len(selection.handles) > 1 else f", {posts}"
    told = (f"For {question.budget:,.10g} {currency} book {listed(selection.handles, MOST_NAMED)}{each}: "
            f"{number(selection.cost)} {currency}")  # fmt: skip
    if selection.left_over < 0.005 * question.budget:
        return f"{told}."
    why = "more creators would lower the return" if selection.metric == "roi" else "nobody who fits in adds anything"
    cheapest = [one.cost for one in question.candidates if one.handle not in selection.handles]
    if selection.metric != "roi" and (not cheapest or min(cheapest) > selection.left_over):
        why = "it books nobody else" if cheapest else "everybody is booked"
    return f"{told}. {number(selection.left_over)} {currency} are left over: {why}."


def brings(selection: Selection) -> str:
    """The figure on fresh seeds, beside that on the seeds of the choice."""
    metric = selection.metric
    figure = interval_text(metric, selection.figures[metric])
    return (f"On other seeds than it was chosen on, this set brings {named(metric, figure)}; on those of the choice it "
            f"seemed to be {shown(metric, selection.choice.value)}.")  # fmt: skip


def named(metric: str, figure: str) -> str:
    """ "a return on the money of -12 %", "1,200 people reached"."""
    return f"a {noun(metric)} of {figure}" if metric == "roi" else f"{figure} {noun(metric)}"


def beside_rules(selection: Selection) -> list[str]:
    """What simple rules bring for the same money, with a plain word where one is as good or better."""
    metric, told = selection.metric, []
    worse = [one for one in selection.rivals if one.verdict == CHOSEN]
    better = [one for one in selection.rivals if one.verdict == one.name]
    unsure = [one for one in selection.rivals if one.verdict == UNDECIDED]
    same = [one for one in selection.rivals if one.verdict == THE_SAME]
    if worse:
        told.append(f"That is surely more than what the same money brings by booking {_each(metric, worse)}.")
    if better:
        told.append(f"Booking {_each(metric, better)} is surely better: book that instead.")
    if unsure:
        ahead = [one for one in unsure if one.difference is not None and one.difference.mean < 0]
        even = f", and {' and '.join(_rule(one) for one in ahead)} is ahead in the mean" if ahead else ""
        told.append(f"It cannot be told from booking {_each(metric, unsure)}: inside the noise, "
                    f"{'that' if len(unsure) == 1 else 'any of these'} may be as good{even}.")  # fmt: skip
    if same:
        told.append(f"Booking {' or '.join(_rule(one) for one in same)} gives the same set.")
    return told


def _each(metric: str, rivals: Sequence[Rival]) -> str:
    return "; ".join(f"{_rule(one)} ({mean_text(metric, one.figures[metric])})" for one in rivals)


def _rule(rival: Rival) -> str:
    """The rule as a way of booking."""
    return "at random" if rival.name == "random" else f"by {rival.name}"


def currency_of(selection: Selection) -> str:
    return selection.question.scenario.market.currency


# --- rows --------------------------------------------------------------------------------------------------


def member_heads(selection: Selection, *, narrow: bool = False) -> list[str]:
    """Heads of the table of the chosen. narrow: for a terminal."""
    currency, metric = currency_of(selection), selection.gain_metric
    gain = noun(metric) if narrow else figure_title(metric, currency)
    return ["creator", "niche", "followers", f"fee a post ({currency})", f"cost so far ({currency})",
            f"adds {gain}", *([] if narrow else ["added on the seeds of the choice"]), "overlap"]  # fmt: skip


def member_rows(selection: Selection, *, narrow: bool = False) -> list[list[str]]:
    """One row a creator, in the order chosen."""
    return [_member(selection, place, one, narrow) for place, one in enumerate(selection.members)]


def _member(selection: Selection, place: int, one: Member, narrow: bool) -> list[str]:
    metric, spec = selection.gain_metric, one.candidate.spec
    gain = _narrow(metric, one.gain) if narrow else interval_text(metric, one.gain)
    name = f"{spec.handle} (required)" if one.required else spec.handle
    return [name, spec.niche or "general", number(spec.followers), number(one.candidate.price), number(one.spent), gain,
            *([] if narrow else [shown(metric, one.seen)]), percent(one.overlap) if place else UNDEFINED]  # fmt: skip


def _narrow(metric: str, interval: Interval | None) -> str:
    margin = margin_text(metric, interval)
    return f"{mean_text(metric, interval)} {margin}" if margin else mean_text(metric, interval)


def rival_heads(selection: Selection, *, narrow: bool = False) -> list[str]:
    """Heads of the table of sets. narrow: the deciding figure only."""
    currency = currency_of(selection)
    keys = _shown_figures(selection, narrow)
    return ["set", "creators", f"cost ({currency})", *(figure_title(key, currency) for key in keys),
            "chosen minus this", "better"]  # fmt: skip


def rival_rows(selection: Selection, *, narrow: bool = False) -> list[list[str]]:
    """The chosen set, then each rule's."""
    keys, metric = _shown_figures(selection, narrow), selection.metric
    text = _narrow if narrow else interval_text
    first = [CHOSEN, str(len(selection.handles)), number(selection.cost),
             *(text(key, selection.figures[key]) for key in keys), "", ""]  # fmt: skip
    rows = [first]
    for one in selection.rivals:
        name = f"{one.name} (mean of {len(one.sets)})" if len(one.sets) > 1 else one.name
        creators = number(sum(len(some) for some in one.sets) / len(one.sets))
        rows.append([name, creators, number(one.cost), *(text(key, one.figures[key]) for key in keys),
                     _difference(metric, one), one.verdict])  # fmt: skip
    return rows


def _difference(metric: str, rival: Rival) -> str:
    found = rival.difference
    if rival.verdict == THE_SAME or found is None:
        return UNDEFINED
    if found.low is None or found.high is None or found.low == found.high:
        return signed(metric, found.mean)
    return f"{signed(metric, found.mean)} ({signed(metric, found.low)} to {signed(metric, found.high)})"


def _shown_figures(selection: Selection, narrow: bool) -> tuple[str, ...]:
    others = () if narrow else ("reach", "engagements", "clicks", "incremental_conversions", "roi")
    return (selection.metric, *(key for key in others if key != selection.metric))


# --- to paste ----------------------------------------------------------------------------------------------


def plan_toml(selection: Selection) -> str:
    """The set as a plan of a scenario file."""
    lines = []
    for deal in selection.comparison.ensemble.scenario.plan(selection.members[-1].plan).deals:
        handle = tomlkit.string(deal.creator).as_string()
        lines.append(f"    {{ creator = {handle}, posts = {deal.posts}, start = {deal.start}, every = {deal.every}, "
                     f"fee = {deal.fee!r} }},\n")  # fmt: skip
    return f'[[plan]]\nname = "chosen"\ndeals = [\n{"".join(lines)}]\n'
