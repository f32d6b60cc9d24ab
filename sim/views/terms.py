"""What figures mean, wherever a page names one: shown under the pointer, on the keyboard's focus, and in an appendix.

Figures are defined in ``METRICS``; ``WORDS`` has what only pages show.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from sim.results.measures import METRICS
from sim.views.page import Markup, html, table
from sim.views.wording import figure_title

WORDS = {
    "interval": ("95 % interval", "where the mean over ever more replicates and societies would lie, 19 times of 20, "
                 "at these assumptions; luck and the make-up of a society move a figure within it"),
    "undecided": ("Undecided", "the difference cannot be told from none at the 5 % level"),
    "replicate": ("Replicate", "one simulated campaign; all plans of a replicate meet the same people and luck"),
    "society": ("Society", "simulated people with their ties; several replicates share one"),
    "agent": ("Agent", "one simulated person, who stands for as many real ones as the page's first lines say"),
    "posts": ("Posts", "posts made, in the mean over replicates where offers may be declined"),
    "first_reached": ("First reached", "people who were shown a post for the first time on that day"),
    "creator_reach": ("Reach of a creator", "distinct people shown at least one of the creator's posts; who is reached "
                      "by two creators counts for both, so that creators' reach adds up to more than the plan's"),
    "creator_cost": ("Cost of a creator", "fees, gifts, commission and discounts"),
    "real_rate": ("Real engagement rate", "engagements ÷ (real followers x posts), fakes left out"),
    "attributed": ("Orders, last click", "orders whose last click was on the creator's post: attributed, not caused, "
                   "since some would have come anyway"),
    "attributed_return": ("Sales ÷ cost", "orders by last click x price ÷ the creator's cost"),
    "shared": ("Overlap with others", "share of the creator's followers who follow another creator of the plan"),
    "part": ("Part of the difference", "what a group of mechanisms adds to the difference on being switched on, on "
             "average over all orders of switching on (its Shapley value)"),
    "turning": ("Lead changes", "the value nearest to the present one at which the other plan leads, all else equal"),
    "gain": ("Adds", "what a creator adds to those chosen before it, on seeds that had no part in the choice"),
    "overlap_before": ("Overlap", "share of a creator's followers who also follow one of those chosen before it"),
    "S1": ("S1", "share of the figure's variance over the ranges that goes with one number alone"),
    "ST": ("ST", "share of the variance that goes with one number, alone or together with others"),
    "mu_star": ("mu*", "mean absolute change of the figure when one number moves over its whole range"),
    "mu": ("mu", "the same change with its direction"),
    "sigma": ("sigma", "how much that change differs from place to place"),
    "run": ("Run", "one replicate of one point of the study, with every plan"),
    "point": ("Point", "one combination of the values that vary"),
}  # fmt: skip
USUAL = ("interval", "undecided", "replicate", "society", "agent")
"""Words that every page with intervals explains."""


def meaning(key: str) -> str:
    """The definition of a figure or word."""
    return METRICS[key].definition if key in METRICS else WORDS[key][1]


def term(key: str, text: str) -> Markup:
    """A name that shows its definition, and leads to it in the appendix."""
    return Markup(
        f'<span class="term"><a href="#means-{key}" aria-describedby="means-{key}">{escape(text)}</a>'
        f'<span class="tip" aria-hidden="true">{escape(text)}: {escape(meaning(key))}</span></span>'
    )


def figure_term(key: str, currency: str) -> Markup:
    """A figure's title that shows its definition."""
    return term(key, figure_title(key, currency))


def definitions(words: Iterable[str] = USUAL) -> Markup:
    """The appendix: every figure, and these words."""
    rows = [[metric.title, _defined(key), metric.unit] for key, metric in METRICS.items()]
    rows += [[WORDS[key][0], _defined(key), ""] for key in dict.fromkeys(words)]
    return table("Figures and words", ["name", "definition", "unit"], rows, words=[1, 2])


def _defined(key: str) -> Markup:
    return Markup(f'<span id="means-{key}">{html(meaning(key))}</span>')
