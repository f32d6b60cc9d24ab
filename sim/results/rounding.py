"""Numbers as a person reads them."""

from __future__ import annotations


def number(value: float | None) -> str:
    """Three significant digits, thousands separated; "-" for None."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        digits = max(0, len(str(int(abs(value)))) - 3)
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def percent(value: float | None) -> str:
    """A fraction as a percentage, three significant digits."""
    return "-" if value is None else f"{100 * value:,.3g} %" if abs(value) < 9.995 else f"{100 * value:,.0f} %"
