"""What can be moved in the app. Labels, units, ranges and help come from the parameters themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from sim.parameters import PARAMETERS, Parameter
from sim.results.answer import plan_price
from sim.scenario import DEFAULT_SCENARIO
from sim.scenario.library import built_in
from sim.scenario.load import Scenario
from sim.views.app.question import GRAPH, OWN, ROSTER, SCENARIO, Question, Uploads, tiers_of
from sim.views.page import tag

MATTER = ("peer_reach", "share_rate", "posts_a_day", "product_cross_affinity", "answers_a_day", "endorsement",
          "peer_trust", "appeal_spread")  # fmt: skip
"""The parameters whose ranges turn the answer most: the largest change of the ratio of the two plans' extra orders in
experiments/mechanisms, from the default to either end. Left out are those that need a special context, and those that
make other people, since a society takes seconds to build."""
PRICES = ("price_constant", "price_exponent")
"""What fees and splits cost at market price."""
PEOPLE, REPLICATES = 50_000, 4
"""Sizes at which a change answers in about two seconds."""
MOST_PEOPLE, MOST_DAYS, MOST_REPLICATES = 1_000_000, 365, 100
SLIDER_FROM = 0.04
"""A value below this share of its range is typed, for no slider is so fine."""
DECIMALS = 4
CHOICE = "scenario"
ACCEPTED = {SCENARIO: ["toml"], ROSTER: ["csv", "tsv", "txt", "gz"], GRAPH: ["csv", "tsv", "txt", "graphml", "gz"]}
UPLOAD_HELP = {
    SCENARIO: "What `influence new` writes. It cannot name files: upload its roster or graph beside it.",
    ROSTER: "A line a creator: handle, followers and what else you know. In place of the scenario's creators; "
            "where its plans book others, a budget is split over the roster's tiers instead.",
    GRAPH: "An edge list (src,dst) or GraphML whose nodes are the people; creators are nodes, named by their handles.",
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What the controls say. live: run again at each change."""

    question: Question
    live: bool


def choose(first: str | None) -> str:
    """The scenario, as the first control. first: what is chosen in the beginning."""
    names = [*built_in(), OWN]
    return str(st.selectbox("Scenario", names, names.index(first if first in names else DEFAULT_SCENARIO), key=CHOICE))


def upload(uploads: Uploads, choice: str) -> None:
    """Files of the user's own."""
    with st.expander("Your own files", expanded=choice == OWN):
        for kind in (SCENARIO, ROSTER, GRAPH) if choice == OWN else (ROSTER, GRAPH):
            label = f"{kind.capitalize()} ({', '.join(ACCEPTED[kind])})"
            given = st.file_uploader(label, type=ACCEPTED[kind], key=f"upload-{kind}", help=UPLOAD_HELP[kind])
            uploads.keep(kind, None if given is None else given.getvalue(), "" if given is None else given.name)
        if choice != OWN:
            uploads.keep(SCENARIO, None)


def choose_setting(choice: str, names: Sequence[str], uploads: Uploads) -> str:
    """Which of the scenario's settings; "" for the first or none."""
    if not names:
        return ""
    key = f"setting:{choice}/{uploads.digests.get(SCENARIO, '')}"
    chosen = st.selectbox("Setting", names, key=key, help="The same plans in other circumstances, on the same seeds.")
    return "" if chosen == names[0] else str(chosen)


def ask(choice: str, setting: str, base: Scenario, uploads: Uploads) -> Settings:
    """All other controls; each begins at the scenario's own value. Only what differs from it becomes a change."""
    here = f"{choice}/{setting}/{uploads.digests.get(SCENARIO, '')}"
    creators = f"{here}/{uploads.digests.get(ROSTER, '')}/{uploads.digests.get(GRAPH, '')}"
    changes: dict[str, Any] = {}
    with st.expander("The product", expanded=True):
        price, margin = base.product.price, base.product.margin
        _note(changes, "product.price", price, st.number_input(
            f"Price ({base.market.currency})", 0.01, max(1e6, price), price, format="%.2f", key=f"{here}:price",
            help="What one order brings in."))  # fmt: skip
        _note(changes, "product.margin", margin, st.slider(
            "Margin (share of the price)", 0.0, 1.0, margin, 0.01, key=f"{here}:margin",
            help="The part of the price that is profit before the campaign is paid."))  # fmt: skip
    with st.expander("What moves the answer most", expanded=True):
        for name in MATTER:
            _parameter(changes, base, name, here)
    with st.expander("Market prices"):
        for name in PRICES:
            _parameter(changes, base, name, here)
    budget, shares = _split(base, creators)
    with st.expander("Size of the run", expanded=True):
        live = _size(changes, base, here)
    return Settings(Question(choice, changes, budget, shares, setting), live)


def _note(changes: dict[str, Any], key: str, usual: Any, value: Any) -> None:
    if value != usual:
        changes[key] = value


def _parameter(changes: dict[str, Any], base: Scenario, name: str, here: str) -> None:
    usual = float(getattr(base.rates, name))
    _note(changes, f"parameters.{name}", usual, parameter_control(PARAMETERS[name], usual, f"{here}:{name}"))


def parameter_control(parameter: Parameter, value: float, key: str) -> float:
    """A slider over the parameter's range, or a field to type into where the value is small beside the range."""
    span, label, told = parameter.high - parameter.low, parameter_label(parameter), parameter_help(parameter)
    if value - parameter.low < SLIDER_FROM * span:
        step = float(f"{max(value, span * 1e-4) / 10:.0e}")
        return float(st.number_input(label, parameter.low, parameter.high, value, step, "%g", key, told))
    step = slider_step(parameter.low, value, span)
    return float(st.slider(label, parameter.low, parameter.high, value, step, "%g", key, told))


def slider_step(low: float, value: float, span: float) -> float:
    """About a hundredth of the range, so that whole steps lead from its low end to the value."""
    step = float(f"{span / 100:.0e}")
    finer = (step / parts for parts in (1, 2, 5, 10, 20, 50, 100))
    return next((one for one in finer if abs((value - low) / one - round((value - low) / one)) < 1e-6), step / 100)


def parameter_label(parameter: Parameter) -> str:
    """ "Share rate (per impression)"."""
    return plain(f"{parameter.name.replace('_', ' ').capitalize()} ({parameter.unit})")


def parameter_help(parameter: Parameter) -> str:
    """Meaning, symbol, range, default and source of a parameter."""
    told = f"{parameter.meaning[:1].upper()}{parameter.meaning[1:]}. {parameter.symbol}, from {parameter.low:g} to "
    return plain(f"{told}{parameter.high:g}; default {parameter.default:g}. Source: {parameter.source}.")


def quiet(text: str) -> None:
    """A remark: Streamlit's own captions are too pale to be read by everybody."""
    st.html(tag("p", text, "quiet"))


def plain(text: str) -> str:
    """Text that Streamlit's Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]$~:<>#|])", r"\\\1", text)


def _split(base: Scenario, here: str) -> tuple[float | None, Mapping[str, float]]:
    """Budget and shares of a plan of the user's own; None without one."""
    tiers, forced = tiers_of(base), len(base.plans) == 1
    if not tiers:
        return None, {}
    with st.expander("Budget and split", expanded=True):
        told = "A plan besides the scenario's own: the budget split over tiers, whole posts in the creators' order."
        if not st.checkbox("Split a budget of my own", forced, key=f"{here}:own", help=told, disabled=forced):
            return None, {}
        label = f"Budget ({base.market.currency})"
        budget = st.number_input(label, 1.0, 1e9, usual_budget(base), 100.0, "%.0f", f"{here}:budget")
        shares, left = dict[str, float](), 100
        for tier in tiers[:-1]:
            usual = round(100 / len(tiers))
            part = st.slider(f"Share for {tier} (%)", 0, 100, usual, 5, key=f"{here}:share:{tier}")
            shares[tier], left = part / 100, left - part
        quiet(f"Share for {tiers[-1]}: {max(0, left)} %" + ("; the others are above 100 %" if left < 0 else ""))
        return float(budget), {**shares, tiers[-1]: max(0, left) / 100}


def usual_budget(base: Scenario) -> float:
    """What the dearest plan of the scenario costs, else 10,000 dollars in its currency."""
    costs = [plan_price(base, plan.name) for plan in base.plans]
    return float(round(max(costs))) if max(costs) >= 1 else float(round(10_000 * base.market.usd_rate)) or 1.0


def _size(changes: dict[str, Any], base: Scenario, here: str) -> bool:
    if base.graph is None:
        usual = min(PEOPLE, base.people)
        most = max(usual, min(MOST_PEOPLE, base.market.population or MOST_PEOPLE))
        people = st.number_input("People (agents)", 10, most, usual, 10_000, key=f"{here}:people", help=(
            f"Each stands for population ÷ people real people. The scenario itself has {base.people:,}."))  # fmt: skip
        _note(changes, "society.people", base.people, int(people))
    days = st.number_input("Days", 1, max(MOST_DAYS, base.run.days), base.run.days, key=f"{here}:days")
    usual = min(REPLICATES, base.run.replicates)
    told = f"Paired repetitions: more make intervals narrower. The scenario itself has {base.run.replicates}."
    replicates = st.number_input("Replicates", 1, MOST_REPLICATES, usual, key=f"{here}:replicates", help=told)
    _note(changes, "run.days", base.run.days, int(days))
    _note(changes, "run.replicates", base.run.replicates, int(replicates))
    if (base.society.worlds or 1) > replicates:
        changes["society.worlds"] = int(replicates)
    told = "After the first run, whatever you move is run at once."
    return bool(st.toggle("Run at each change", True, key="live", help=told))
