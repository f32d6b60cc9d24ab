"""A calibration in words and rows: what the campaigns tell, what they cannot, how well it fits, what it changes."""

from __future__ import annotations

from collections.abc import Sequence

from sim.parameters import PARAMETERS
from sim.results.rounding import number
from sim.studies.calibrate import CONFIDENCE, Band, Calibration, Check, Estimate, Lead, Pair, Prediction
from sim.studies.calibrate_asked import STAGE
from sim.views.explain_words import noun
from sim.views.wording import counted, figure_title, listed, shown

READING = (
    "What is asked is one parameter for each stage of the funnel; all others stay as in the scenario, and what they "
    "get wrong, these take up. Before the data every value of a parameter's own range counted as likely, evenly in the "
    "logarithm. An interval holds the truth in 90 of 100 cases if the model is right. Each simulated campaign has "
    "luck of its own: creators' quality, audiences, coins, and counts of real people."
)
TOLD, NOT_TOLD = "told", "not told"


def sentences(found: Calibration) -> tuple[str, ...]:
    """The answer in sentences."""
    told = [one for one in found.estimates if one.told]
    others = [one.name for one in found.estimates if not one.told]
    campaigns = counted(len(found.asked.campaigns), "campaign")
    said = [f"The {campaigns} tell {len(told)} of {counted(len(found.estimates), 'parameter')} asked for."]
    said += [estimate_text(one) for one in told]
    if others:
        said.append(f"They cannot tell {listed(others)}: what is likely is hardly narrower than what was possible "
                    "before.")  # fmt: skip
    said += [pair_text(pair) for pair in found.pairs]
    said.append(check_text(found.checks))
    said += [lead_text(lead) for lead in found.leads]
    return tuple(said)


def estimate_text(one: Estimate) -> str:
    """ "reach is 0.31 share of followers (0.25 to 0.38); the scenario's 0.3 lies inside"."""
    inside = "fits them" if one.low <= one.scenario <= one.high else "does not fit them"
    unit = PARAMETERS[one.name].unit
    return (f"{one.name} is {number(one.median)} {unit} ({span(one.low, one.high)}); the scenario's "
            f"{number(one.scenario)} {inside}.")  # fmt: skip


def pair_text(pair: Pair) -> str:
    """Two parameters that are known only together."""
    kind = "product" if pair.correlation < 0 else "ratio"
    return (f"{pair.a} and {pair.b} are known only together (correlation {pair.correlation:.2f}): the campaigns tell "
            f"their {kind} better than either.")  # fmt: skip


def check_text(checks: Sequence[Check]) -> str:
    """How much of what was observed the fitted model gives."""
    outside = [one for one in checks if one.outside]
    expected = (1 - CONFIDENCE) * len(checks)
    said = (f"Of {counted(len(checks), 'observed figure')} {len(checks) - len(outside)} lie within the 90 % band of "
            f"what the fitted model gives; about {number(max(expected, 1.0))} outside would be chance.")  # fmt: skip
    if len(outside) > 3 * max(expected, 1.0):
        said += " That is too many: the model, as it is set, does not describe these campaigns."
    if outside:
        said += f" Outside: {listed([f'{one.figure} of {one.campaign} (row {one.line})' for one in outside])}."
    return said


def lead_text(lead: Lead) -> str:
    """Whether what was learnt changes who leads."""
    ahead, behind = (lead.a, lead.b) if 2 * lead.fitted >= lead.runs else (lead.b, lead.a)
    fitted, before = (n if ahead == lead.a else lead.runs - n for n in (lead.fitted, lead.before))
    said = (f"{ahead} brings more extra orders than {behind} in {fitted} of {lead.runs} runs with fitted values, and "
            f"in {before} of {lead.runs} with the scenario's own")  # fmt: skip
    changed = 2 * before < lead.runs
    return f"{said}: {'the lead changes' if changed else 'the lead stays'}" + (
        ", but either may be ahead." if 0.1 * lead.runs < fitted < 0.9 * lead.runs else ".")  # fmt: skip


# --- tables ------------------------------------------------------------------------------------------------

PARAMETER_HEADS = ("Parameter", "Stage", "Scenario", "Possible before", "Median", "90 % interval", "")
CHECK_HEADS = ("Row", "Campaign", "Figure", "Observed", "Median", "90 % band", "")
PREDICTION_HEADS = ("Plan", "Figure", "With fitted values", "With the scenario's own")


def parameter_rows(found: Calibration) -> list[list[str]]:
    """Scenario's value, prior range, posterior, and whether the data tell it."""
    return [[one.name, noun_of(STAGE[one.name]), number(one.scenario), span(one.prior_low, one.prior_high),
             number(one.median), span(one.low, one.high), TOLD if one.told else NOT_TOLD]
            for one in found.estimates]  # fmt: skip


def check_rows(found: Calibration) -> list[list[str]]:
    """Each observed figure beside what the fitted model gives."""
    return [[str(one.line), one.campaign, one.figure, number(one.observed), number(one.median),
             span(one.low, one.high), "outside" if one.outside else ""] for one in found.checks]  # fmt: skip


def prediction_rows(found: Calibration) -> list[list[str]]:
    """Each plan's figures, fitted and before."""
    currency = found.asked.scenario.market.currency
    return [[one.plan, figure_title(one.figure, currency), band_text(one, one.fitted), band_text(one, one.before)]
            for one in found.predictions]  # fmt: skip


def band_text(one: Prediction, band: Band) -> str:
    """ "4,200 (1,300 to 11,000)"."""
    if band.median is None:
        return shown(one.figure, None)
    return f"{shown(one.figure, band.median)} ({shown(one.figure, band.low)} to {shown(one.figure, band.high)})"


def span(low: float, high: float) -> str:
    """ "0.1 to 0.3"."""
    return f"{number(low)} to {number(high)}"


def noun_of(figure: str) -> str:
    """The stage of the funnel in a word."""
    words = {"cost": "price of a post", "orders": "orders after a click"}
    return words[figure] if figure in words else noun(figure)
