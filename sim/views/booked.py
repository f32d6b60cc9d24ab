"""A plan in words, before any run: what it books on which terms, whom it gives the product to, how it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from sim.platforms import FORMATS
from sim.results.answer import open_costs, plan_price
from sim.results.rounding import number, percent
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan, Seeding
from sim.scenario.schema import Deal
from sim.views.wording import counted, listed

MOST_LINES = 12
GROUPS = {"random": "random people", "top": "of the 1 % of people with most followers",
          "fringe": "of the tenth of people with fewest followers"}  # fmt: skip


def plan_line(scenario: Scenario, plan: Plan) -> str:
    """One line: creators, posts within the run, what is known of the price, what is left of a budget."""
    if plan.name == NONE:
        return "none: nothing is paid (runs always, for comparison)"
    currency, days = scenario.market.currency, scenario.run.days
    parts = []
    if plan.deals:
        posts = sum(len(deal.post_days(days)) for deal in plan.deals)
        parts = [counted(len({deal.creator for deal in plan.deals}), "creator"), counted(posts, "post")]
    later = open_costs(plan)
    price = f"about {number(plan_price(scenario, plan.name))} {currency}"
    price += " for the test" if plan.second else ""
    parts.append(f"{price} plus {' and '.join(later)}" if later else price)
    if plan.left_over:
        parts.append(f"{number(plan.left_over)} left over")
    return f"{plan.name}: {', '.join(parts)}"


def plan_terms(scenario: Scenario, plan: Plan) -> list[str]:
    """A line for each set of terms that are not the usual ones, then seeding and second stage."""
    currency = scenario.market.currency
    by_terms: dict[str, dict[str, None]] = {}
    for deal in plan.deals:
        terms = ", ".join(_deal_terms(deal, currency))
        if terms:
            by_terms.setdefault(terms, {})[deal.creator] = None
    lines = [f"{listed(list(handles))}: {terms}" for terms, handles in by_terms.items()]
    hidden = len(lines) - MOST_LINES
    lines = [*lines[:MOST_LINES], *([f"and {hidden} more sets of terms"] if hidden > 0 else [])]
    if plan.seeding is not None:
        lines.append(_seeding_line(plan.seeding, currency))
    if plan.second is not None:
        second = plan.second
        lines.append(
            f"test until day {second.start}, then the rest of {number(plan.budget)} {currency} to what worked by "
            f"{second.by}: up to {counted(second.posts, 'post')} a creator, one every {counted(second.every, 'day')}"
        )
    return lines


def _deal_terms(deal: Deal, currency: str) -> list[str]:
    """What differs from a plain deal."""
    found_out = "" if deal.found_out is None else f", found out on day {deal.found_out}"
    terms = {
        deal.format: deal.format != FORMATS[0],
        f"gift worth {number(deal.gift)} {currency}": deal.gift > 0,
        f"commission of {percent(deal.commission)}": deal.commission > 0,
        f"code for {percent(deal.code)} off": deal.code > 0,
        "product tag": deal.tag,
        f"hidden ad{found_out}": not deal.disclosed,
        f"{counted(deal.earlier, 'deal')} before": deal.earlier > 0,
    }
    return [words for words, there in terms.items() if there]


def _seeding_line(seeding: Seeding, currency: str) -> str:
    if isinstance(seeding.people, str):
        whom = f"{seeding.k:,} {GROUPS[seeding.people]}"
    else:
        whom = f"{counted(len(seeding.people), 'person', 'people')} by name ({listed(seeding.people)})"
    cost = f"{number(seeding.cost)} {currency}" if seeding.cost else "at no cost"
    return f"gives the product to {whom} on day {seeding.start}, {cost}"


def market_lines(scenario: Scenario) -> list[str]:
    """Segments, languages and regions of sale, where the scenario has any."""
    lines = []
    if scenario.segments:
        lines.append(f"segments: {', '.join(_segment(one.model_dump()) for one in scenario.segments)}")
    market, sold_in = scenario.market, scenario.product.sold_in
    if market.languages is not None:
        pairs = zip(market.regions, market.languages, strict=True)
        lines.append(f"languages: {', '.join(f'{region} {language}' for region, language in pairs)}")
    if sold_in is not None:
        lines.append(f"sold in: {', '.join(sold_in)}")
    return lines


def _segment(traits: dict[str, object]) -> str:
    """ "young 40 % (activity x 1.4)"; traits at the mean go without saying."""
    name, share = traits.pop("name"), traits.pop("share")
    told = [f"{trait} x {value:g}" for trait, value in traits.items() if value != 1.0]
    return f"{name} {percent(float(str(share)))}" + (f" ({', '.join(told)})" if told else "")


def described(scenario: Scenario, plans: Sequence[Plan]) -> list[str]:
    """Each plan in a line, with its terms indented below."""
    lines = []
    for plan in plans:
        lines.append(f"  {plan_line(scenario, plan)}")
        lines += [f"    {line}" for line in plan_terms(scenario, plan)]
    return lines
