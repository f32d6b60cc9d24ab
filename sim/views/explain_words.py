"""An explanation in words: what makes the difference, and what would turn it."""

from __future__ import annotations

from collections.abc import Sequence

from sim.mechanisms import GROUPS
from sim.results.answer import HEADLINES
from sim.results.measures import METRICS
from sim.results.rounding import number, percent
from sim.results.statistics import Interval
from sim.scenario.plans import NONE
from sim.studies.explain import Explanation, Share
from sim.studies.explain_levers import SwitchOver
from sim.views.wording import UNDEFINED, shown

MOST_NAMED = 3
"""Groups and turning points that are named in a sentence; the tables hold them all."""
FIGURES = {"roi": "return on the money", "profit": "profit"}


def noun(metric: str) -> str:
    """What a figure is called in a sentence."""
    return HEADLINES.get(metric) or FIGURES.get(metric) or METRICS[metric].title


def signed(metric: str, value: float) -> str:
    """A part of a difference: "+53", "−8.3"."""
    text = shown(metric, abs(value))
    return text if text.strip("0.% ") == "" else f"{'+' if value > 0 else '−'}{text}"


def span(metric: str, interval: Interval) -> str:
    """The interval of a part as "+4 to +102"; empty for a single replicate."""
    if interval.low is None or interval.high is None:
        return ""
    return f"{signed(metric, interval.low)} to {signed(metric, interval.high)}"


def turned(interval: Interval, sign: int) -> Interval:
    """The interval of the figure times 1 or -1."""
    if sign > 0:
        return interval
    low, high = (None if bound is None else -bound for bound in (interval.high, interval.low))
    return Interval(-interval.mean, low, high, interval.sd, interval.p_value)


def is_sure(interval: Interval) -> bool:
    """Whether an interval lies on one side of 0."""
    return interval.low is not None and interval.high is not None and (interval.low > 0 or interval.high < 0)


def lead(explanation: Explanation) -> tuple[str, str, int]:
    """The plan with the better mean (the higher where neither is better), the other, and the sign of lead - other."""
    lower = METRICS[explanation.metric].better == "lower"
    a_leads = (explanation.difference.mean < 0) == lower
    a, b = explanation.a, explanation.b
    return (a, b, 1) if a_leads else (b, a, -1)


def sentences(explanation: Explanation) -> tuple[str, str]:
    """Why, and what would turn it; nothing is claimed that the intervals do not carry."""
    return _why(explanation), _what_would_turn(explanation)


# --- why ---------------------------------------------------------------------------------------------------


def _why(explanation: Explanation) -> str:
    first, second, sign = lead(explanation)
    metric, comparison = explanation.metric, explanation.comparison
    figures = {plan: comparison.figures[plan][metric] for plan in (first, second)}
    means = {plan: shown(metric, None if i is None else i.mean) for plan, i in figures.items()}
    difference = turned(explanation.difference, sign)
    around = span(metric, difference)
    apart = f"difference {signed(metric, difference.mean)}" + (f", {around}" if around else "")
    against = "" if second == NONE else f" for {second}"
    if difference.low is None:
        start = f"One replicate shows no luck: in {noun(metric)} {first} has {means[first]}, {second} {means[second]}"
    elif is_sure(difference):
        start = f"{first} is ahead in {noun(metric)}: {means[first]} against {means[second]}{against} ({apart})"
    else:
        both = f"{first} {means[first]}, {second} {means[second]}"
        start = f"Which plan is ahead in {noun(metric)} is undecided: {both} ({apart})"
    return f"{start}{_because(explanation, sign)}{_left(explanation, sign)}."


def _because(explanation: Explanation, sign: int) -> str:
    """The groups that are sure to matter: those for the difference first, largest first."""
    towards = 1 if sign * explanation.difference.mean >= 0 else -1
    ranked = sorted((s for s in explanation.shares if s.sure), key=lambda s: -abs(s.interval.mean))
    pro = [share for share in ranked if sign * share.interval.mean * towards > 0]
    con = [share for share in ranked if share not in pro]
    if not ranked:
        largest = max(explanation.shares, key=lambda share: abs(share.interval.mean), default=None)
        told = "" if largest is None else f", the largest part being that of {_named(explanation, [largest], sign)}"
        return f"; no group of mechanisms is sure to make a difference{told}"
    parts = [f", mostly because of {_named(explanation, pro, sign)}"] if pro else []
    parts += [f"; {_named(explanation, con, sign)} {'works' if len(con) == 1 else 'work'} against it"] if con else []
    return "".join(parts)


def _named(explanation: Explanation, shares: Sequence[Share], sign: int) -> str:
    return _and([_part(explanation.metric, GROUPS[share.group].title, turned(share.interval, sign))
                 for share in shares[:MOST_NAMED]])  # fmt: skip


def _part(metric: str, title: str, interval: Interval) -> str:
    around = span(metric, interval)
    return f"{title} ({signed(metric, interval.mean)}{', ' if around else ''}{around})"


def _left(explanation: Explanation, sign: int) -> str:
    rest = turned(explanation.remainder, sign)
    around = span(explanation.metric, rest)
    told = f"{signed(explanation.metric, rest.mean)} ({around})" if around else signed(explanation.metric, rest.mean)
    return f"; with all {len(explanation.shares)} groups off the difference would be {told}"


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# --- what would turn it ------------------------------------------------------------------------------------


def _what_would_turn(explanation: Explanation) -> str:
    first, second, _ = lead(explanation)
    own = [one for one in explanation.switches if one.figure == explanation.metric and one.range is not None]
    turns = [one for one in own if one.crossing.value is not None]
    never = [one for one in own if one.crossing.value is None]
    mean = "" if is_sure(explanation.difference) else "on average "
    parts = []
    if turns:
        told = _or([_turn(one) for one in turns[:MOST_NAMED]])
        parts.append(
            f"{_capital(mean)}{second} would be ahead if {told}" if mean else f"{second} would be ahead if {told}"
        )
    if never:
        who = "the lead" if is_sure(explanation.difference) else "the lead on average"
        alone = "No value within its range of" if not turns else "no value within its range of"
        parts.append(f"{alone} {_or([one.title for one in never])} changes {who}")
    money = _same_return(explanation, second) or _same_return(explanation, first)
    parts += [money if parts else _capital(money)] if money else []
    return ("; ".join(parts) or "Nothing that was looked at can turn it") + "."


def _turn(one: SwitchOver) -> str:
    side = "above" if one.crossing.above else "below"
    turn, now = value_text(one, one.crossing.value), value_text(one, one.current)
    return f"{one.title} were {side} {turn} (now {now}{_unsure(one)})"


def _unsure(one: SwitchOver) -> str:
    low, high = one.crossing.low, one.crossing.high
    if low is None and high is None:
        return ""
    if low is None:
        return f"; unsure up to {value_text(one, high)}"
    if high is None:
        return f"; unsure from {value_text(one, low)}"
    return f"; unsure from {value_text(one, low)} to {value_text(one, high)}"


def _same_return(explanation: Explanation, plan: str) -> str:
    """The fee of a plan's posts at which both plans return the same."""
    key = f"fee of {plan} (roi)"
    one = next((one for one in explanation.switches if one.key == key and one.crossing.value is not None), None)
    if one is None:
        return ""
    fee, now = value_text(one, one.crossing.value), value_text(one, one.current)
    unsure = _unsure(one).replace("; unsure", ", unsure")
    return (
        f"both would return the same for the money if a post of {plan} cost {fee} {one.unit} instead of {now}{unsure}"
    )


def _or(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def value_text(one: SwitchOver, value: float | None) -> str:
    """A value of a number: shares of people in percent."""
    if value is None:
        return UNDEFINED
    return percent(value) if one.unit == "share of people" else number(value)


# --- rows of tables ----------------------------------------------------------------------------------------


def share_rows(explanation: Explanation) -> list[tuple[str, str, str, str]]:
    """Part, its share, interval and verdict; the remainder and the whole difference last. Signs are a minus b."""
    metric, rows = explanation.metric, []
    for share in sorted(explanation.shares, key=lambda share: -share.interval.mean):
        alone = "unsure, as several are looked at" if is_sure(share.interval) else "unsure"
        verdict = "sure" if share.sure else alone
        rows.append(
            (GROUPS[share.group].title, signed(metric, share.interval.mean), span(metric, share.interval), verdict)
        )
    for title, interval in (
        (explanation.rest, explanation.remainder),
        ("the whole difference", explanation.difference),
    ):
        rows.append((title, signed(metric, interval.mean), span(metric, interval),
                     "sure" if is_sure(interval) else "unsure"))  # fmt: skip
    return rows


def switch_rows(explanation: Explanation) -> list[tuple[str, str, str, str, str, str]]:
    """Number, figure, value now, value at which the lead changes, between which values that is unsure, range."""
    rows = []
    for one in explanation.switches:
        c = one.crossing
        if c.value is None:
            turn = UNDEFINED if one.range is None else "not in the range"
        else:
            turn = f"{'above' if c.above else 'below'} {value_text(one, c.value)}"
        bounds = "" if c.low is None and c.high is None else (
            f"{UNDEFINED if c.low is None else value_text(one, c.low)} to "
            f"{UNDEFINED if c.high is None else value_text(one, c.high)}")  # fmt: skip
        range_ = "any" if one.range is None else f"{value_text(one, one.range[0])} to {value_text(one, one.range[1])}"
        title = f"{one.title} ({one.unit})"
        rows.append((title, noun(one.figure), value_text(one, one.current), turn, bounds, range_))
    return rows


def fee_rows(explanation: Explanation, *, intervals: bool = True) -> list[tuple[str, str, str, str, str, str]]:
    """Plan, creator, fee paid, break-even fee, fee of equal profit, fee of equal return; "–" where there is none."""

    def text(interval: Interval | None) -> str:
        if interval is None:
            return UNDEFINED
        if not intervals or interval.low is None or interval.high is None:
            return number(interval.mean)
        return f"{number(interval.mean)} ({number(max(0.0, interval.low))} to {number(interval.high)})"

    return [(one.plan, one.creator, number(one.fee), text(one.break_even), text(one.tie_profit), text(one.tie_roi))
            for one in explanation.creators]  # fmt: skip
