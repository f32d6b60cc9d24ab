"""What results have for notebooks: a line, a fragment of HTML, a figure. How each is made is said by ``sim.notebook``.

Results live far below the figures and tables that show them, and nothing may import upwards. So a result only has the
methods, and who shows it registers here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Presenter(Protocol):
    """Shows a result of any kind."""

    def line(self, one: Any) -> str: ...

    def fragment(self, one: Any) -> str: ...

    def figure(self, one: Any) -> Figure: ...


_PRESENTERS: list[Presenter] = []


def present_with(presenter: Presenter) -> None:
    """From now on results are shown by this presenter."""
    _PRESENTERS[:] = [presenter]


class Shown:
    """A result that shows itself in Jupyter and marimo."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _PRESENTERS[0].line(self) if _PRESENTERS else f"<{type(self).__name__}>"

    def _repr_html_(self) -> str | None:
        """Title, answer and key table as HTML without script, style or outside address."""
        return _PRESENTERS[0].fragment(self) if _PRESENTERS else None

    def plot(self) -> Figure:
        """The main figure, for matplotlib; ``get_label()`` of it is its content in words."""
        if not _PRESENTERS:
            raise RuntimeError("nothing draws yet: import sim.notebook")
        return _PRESENTERS[0].figure(self)
