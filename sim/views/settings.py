"""How plans in several settings are shown: tables on the console and in the report, and sentences under both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.results.comparison import UNDECIDED
from sim.results.leads import HIGHER, LOWER, LeadChange
from sim.results.settings import SETTING_METRICS, SettingDifference, SettingsComparison
from sim.results.tables import paid_plans
from sim.scenario.settings import Setting
from sim.views.console import WIDEST_PLAN, FirstThatFits, shown_warnings
from sim.views.page import Markup, bullets, html, joined, table, tag
from sim.views.wording import UNDEFINED, best_text, margin_text, mean_text, range_text, setting_text, shown

WORDS = {
    "reach": "people reached", "engagements": "engagements", "clicks": "clicks",
    "incremental_conversions": "extra orders", "cpa": "cost per extra order", "roi": "ROI",
}  # fmt: skip
"""What the figures of ``SETTING_METRICS`` are called in tables and sentences."""

EQUAL = "equal"
CAUTION = (
    "That a plan leads in one setting and is undecided in another does not show that the settings differ: look at "
    "how the difference of the plans changes."
)
MOST_PAIRS = 3
"""Of more pairs of plans the changes stand in summary.json alone."""


# --- in words ----------------------------------------------------------------------------------------------


def changes_text(setting: Setting) -> str:
    """What a setting changes, as "platform.preset = tiktok"; a list or a table is only named."""
    parts = [f"another {path}" if isinstance(value, list | dict) else f"{path} = {value}"
             for path, value in setting.changes.items()]  # fmt: skip
    return ", ".join(parts)


def settings_lines(answer: SettingsComparison) -> list[str]:
    """What each setting changes, a line a setting."""
    lines = [f"{answer.settings[0].name}: the scenario as its file says"]
    return lines + [f"{setting.name}: {changes_text(setting)}" for setting in answer.others]


def verdict_text(row: SettingDifference | LeadChange) -> str:
    """ "higher", "lower", "undecided", or "equal" where nothing differs in any replicate."""
    if row.mean is None:
        return UNDEFINED
    return EQUAL if row.mean == row.low == row.high == 0 else row.verdict


def difference_lines(answer: SettingsComparison, plan: str) -> list[str]:
    """In which figures a plan does otherwise than in the first setting, a line a setting."""
    lines = []
    for setting in answer.others:
        verdicts = {key: verdict_text(answer.difference(setting.name, plan, key)) for key in SETTING_METRICS}
        told = _grouped(verdicts, (HIGHER, LOWER, EQUAL))
        lines.append(f"{setting.name} against {answer.settings[0].name}: {told}")
    return lines


def plan_lines(answer: SettingsComparison) -> list[str]:
    """Which plan is better in what, a line a setting; nothing where there is only one paid plan."""
    plans = paid_plans(answer.first)
    if len(plans) < 2:
        return []
    lines = []
    for name, comparison in answer.comparisons.items():
        best = {key: best_text(comparison, key) for key in SETTING_METRICS}
        better = {key: f"{verdict} better" if verdict in plans else verdict for key, verdict in best.items()}
        lines.append(f"{name}: {_grouped(better, [*(f'{plan} better' for plan in plans), EQUAL])}")
    return lines


def lead_lines(answer: SettingsComparison) -> list[str]:
    """How the difference of two plans changes from the first setting to another, a line a setting and pair."""
    lines = []
    for a, b in _pairs(answer):
        for setting in answer.others:
            verdicts = {key: verdict_text(answer.lead_change(setting.name, a, b, key)) for key in SETTING_METRICS}
            told = _grouped(verdicts, (HIGHER, LOWER, EQUAL))
            lines.append(f"{setting.name} against {answer.settings[0].name}: {a} minus {b} is {told}")
    return lines


def _pairs(answer: SettingsComparison) -> list[tuple[str, str]]:
    pairs = list(combinations(paid_plans(answer.first), 2))
    return pairs if len(pairs) <= MOST_PAIRS else []


def _grouped(verdicts: dict[str, str], first: Sequence[str]) -> str:
    """Figures by verdict, these verdicts first: "higher in people reached, clicks; undecided in ROI"."""
    groups: dict[str, list[str]] = {verdict: [] for verdict in (*first, UNDECIDED)}
    for key, verdict in verdicts.items():
        groups.setdefault("not defined" if verdict == UNDEFINED else verdict, []).append(WORDS[key])
    told = {verdict: "everything" if len(figures) == len(verdicts) else ", ".join(figures)
            for verdict, figures in groups.items()}  # fmt: skip
    return "; ".join(f"{verdict} in {figures}" for verdict, figures in told.items() if figures)


def _heading(key: str, currency: str) -> str:
    words = WORDS[key][0].upper() + WORDS[key][1:]
    return f"{words} ({currency})" if key == "cpa" else words


# --- on the console ----------------------------------------------------------------------------------------


def print_settings(answer: SettingsComparison, folder: Path | None = None) -> None:
    """Every plan in every setting on standard output."""
    Console(highlight=False).print(settings_table(answer, folder))


def settings_table(answer: SettingsComparison, folder: Path | None = None) -> RenderableType:
    """Question, what the settings change, a table a plan, the plans against each other, where the files are."""
    scenario = answer.first.ensemble.scenario
    parts: list[RenderableType] = [Text(scenario.name, style="bold")]
    parts += [Text(scenario.question)] if scenario.question else []
    parts += [Text(setting_text(answer.first), style="dim"), _lines(settings_lines(answer))]
    for plan in paid_plans(answer.first):
        layouts = [_plan_table(answer, plan, between) for between in (" ", "\n")]
        parts += [FirstThatFits(layouts), _lines(difference_lines(answer, plan))]
    against = plan_lines(answer)
    parts += [Text("Plan against plan", style="bold"), _lines([*against, CAUTION])] if against else []
    leads = lead_lines(answer)
    parts += [Text("How the difference of the plans changes", style="bold"), _lines(leads)] if leads else []
    warnings = (*answer.first.warnings, *answer.warnings)
    parts += [shown_warnings(warnings)] if warnings else []
    if folder is not None:
        parts.append(Text.assemble("Report, tables and figures: ", (str(folder), "bold")))
    return Group(*parts)


def _lines(lines: Sequence[str]) -> Padding:
    return Padding(Group(*map(Text, lines)), (0, 0, 1, 0))


def _plan_table(answer: SettingsComparison, plan: str, between: str) -> Table:
    """One row a figure and one column a setting: mean and half the interval."""
    currency = answer.first.ensemble.scenario.market.currency
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    made.add_column(Text(plan, style="bold"), max_width=WIDEST_PLAN)
    for setting in answer.settings:
        made.add_column(Text(setting.name), max_width=WIDEST_PLAN)
    for key in SETTING_METRICS:
        made.add_row(Text(_heading(key, currency)), *_cells(answer, plan, key, between))
    return made


def _cells(answer: SettingsComparison, plan: str, key: str, between: str) -> Iterator[Text]:
    for comparison in answer.comparisons.values():
        figure = comparison.figures[plan][key]
        margin = margin_text(key, figure)
        yield Text.assemble(mean_text(key, figure), (between + margin if margin else "", "dim"))


# --- in the report -----------------------------------------------------------------------------------------


def settings_parts(answer: SettingsComparison) -> list[Markup]:
    """The section of the report: what is set, each plan's figures and differences, the plans against each other."""
    first, currency = answer.settings[0].name, answer.first.ensemble.scenario.market.currency
    parts = [tag("p", "The rest of this report is about the first of these settings. All have the same plans and "
                 "the same seeds, so that differences between settings are paired, replicate by replicate."),
             bullets(settings_lines(answer))]  # fmt: skip
    for plan in paid_plans(answer.first):
        names = [setting.name for setting in answer.settings]
        rows = [[_heading(key, currency), *(_estimate(answer, name, plan, key) for name in names)]
                for key in SETTING_METRICS]  # fmt: skip
        parts.append(table(f"{plan}: mean and 95 % interval in each setting", ["figure", *names], rows))
        rows = [[_heading(key, currency), *(_change(key, answer.difference(name, plan, key)) for name in names[1:])]
                for key in SETTING_METRICS]  # fmt: skip
        heads = ["figure", *(f"{name} minus {first}" for name in names[1:])]
        parts.append(table(f"{plan}: difference to {first}, paired", heads, rows))
    note = (
        "Higher and lower: told from no difference at the 5 % level, where the figures of these tables are corrected "
    )
    note += "together for each plan, over all settings (Holm). Differences of percentages are in percentage points."
    parts.append(tag("p", note, "quiet"))
    against = plan_lines(answer)
    if against:
        parts += [tag("h3", "Plan against plan in each setting"), bullets(against), tag("p", CAUTION, "quiet")]
    parts += [_leads(answer, a, b) for a, b in _pairs(answer)]
    return parts + ([bullets(answer.warnings)] if answer.warnings else [])


def _estimate(answer: SettingsComparison, setting: str, plan: str, key: str) -> Markup:
    figure = answer.comparisons[setting].figures[plan][key]
    span = range_text(key, figure)
    return joined([html(mean_text(key, figure)), tag("small", span) if span else ""], "")


def _leads(answer: SettingsComparison, a: str, b: str) -> Markup:
    """How the difference of two plans changes."""
    first, currency = answer.settings[0].name, answer.first.ensemble.scenario.market.currency
    rows = [
        [_heading(key, currency),
         *(_change(key, answer.lead_change(setting.name, a, b, key)) for setting in answer.others)]
        for key in SETTING_METRICS
    ]  # fmt: skip
    caption = f"{a} minus {b}: the same in {first} taken away, paired, corrected together over all settings"
    return table(caption, ["figure", *(setting.name for setting in answer.others)], rows)


def _change(key: str, row: SettingDifference | LeadChange) -> Markup:
    if row.mean is None:
        return Markup(html(UNDEFINED))
    verdict = verdict_text(row)
    span = "" if row.low is None or row.low == row.high else f"{shown(key, row.low)} to {shown(key, row.high)}"
    told = tag("small", tag("span", verdict, "sure") if verdict in (HIGHER, LOWER) else verdict)
    return joined([html(shown(key, row.mean)), tag("small", span) if span else "", told], "")
