"""Results in notebooks: each kind has a line, a fragment of HTML and a figure, with its content in words."""

from __future__ import annotations

import pickle
import re
import sys
import types
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import sim
from sim.notebook import progress_of
from sim.shown import Shown
from sim.views.drawn import FIGURES, Drawn
from sim.views.fragments import FRAGMENTS
from sim.views.lines import LINES

SMALL = Path(__file__).parents[1] / "samples" / "small.toml"
KINDS = [kind.__name__ for kind in LINES]
SETTINGS = """
[[setting]]
name = "as it is"
[[setting]]
name = "<cheap & more>"
set = { "product.price" = 20.0 }
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A small result of each kind, by its name."""
    folder = tmp_path_factory.mktemp("notebook")
    settings = folder / "settings.toml"
    settings.write_text(SMALL.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
    axes = (sim.Axis("reach", low=0.2, high=0.4), sim.Axis("click_rate", low=0.01, high=0.05))
    few: dict[str, Any] = {"figures": ("reach", "clicks"), "people": 1_000, "days": 2, "replicates": 2}
    sobol = sim.Study("prices", str(SMALL), axes, design="sobol", n_points=4, **few)
    morris = sim.Study("matter", str(SMALL), axes, design="morris", n_trajectories=4, of="three-small", **few)
    makers: dict[str, Callable[[], Any]] = {
        "Scenario": lambda: sim.load(SMALL),
        "World": lambda: sim.build_world(SMALL),
        "Run": lambda: sim.run(SMALL),
        "Comparison": lambda: sim.compare(SMALL),
        "SettingsComparison": lambda: sim.compare_settings(settings, replicates=2),
        "Explanation": lambda: sim.explain(SMALL, groups=["trust"], replicates=2),
        "Split": lambda: sim.split(SMALL, 120, groups="few=anna+ben,star=big", step=0.5, replicates=2),
        "Selection": lambda: sim.select(SMALL, 80.0, terms=sim.Terms(posts=1), choose_on=1, replicates=2),
        "Store": lambda: sim.sweep(sobol, folder / "s.sqlite"),
        "Sensitivity": lambda: sim.sensitivity(morris, folder / "m.sqlite"),
        "Cascades": lambda: sim.cascade(p=0.1, seeds="0", runs=50),
    }
    assert makers.keys() == set(KINDS)
    return cache(lambda kind: makers[kind]())


LONG = {"Explanation", "Sensitivity", "SettingsComparison", "Selection", "Store"}
each = pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.full) if kind in LONG else kind for kind in KINDS]
)


class Strict(HTMLParser):
    """HTML that closes what it opens, in order; keeps tags and texts."""

    VOID = frozenset({"img", "br", "progress"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def derived(kind: type) -> set[type]:
    return {below for one in kind.__subclasses__() for below in {one, *derived(one)}}


def test_every_kind_that_shows_itself_is_in_every_table() -> None:
    assert derived(Shown) == LINES.keys() == FRAGMENTS.keys() == FIGURES.keys()


@each
def test_a_result_is_one_line(made: Callable[[str], Any], kind: str) -> None:
    line = repr(made(kind))
    assert line.startswith(kind)
    assert "\n" not in line
    assert "array(" not in line
    assert len(line) < 400


def test_a_line_tells_name_size_and_digest(made: Callable[[str], Any]) -> None:
    line = repr(made("Scenario"))
    for word in ("small", "three-small, one-big", "2,000 agents", "6 days", "4 replicates"):
        assert word in line
    answer = made("Comparison")
    assert answer.digest in repr(answer)
    assert answer.digest in line
    assert made("World").society.digest() in repr(made("World"))


@each
def test_a_fragment_is_sound_and_needs_nothing(made: Callable[[str], Any], kind: str) -> None:
    text = made(kind)._repr_html_()
    found = Strict(text)
    assert "table" in found.tags
    assert not {"script", "style", "link", "iframe"} & set(found.tags)
    assert "http:" not in text
    assert "https:" not in text
    assert not re.search(r"\bcolor\b|background", text), "legible on a dark page, too"


@pytest.mark.full
def test_text_is_escaped(made: Callable[[str], Any]) -> None:
    text = made("SettingsComparison")._repr_html_()
    assert "<cheap" not in text
    assert "&lt;cheap &amp; more&gt;" in text


def test_a_comparison_answers_and_shows_its_figures(made: Callable[[str], Any]) -> None:
    answer = made("Comparison")
    texts = Strict(answer._repr_html_()).texts
    assert any("Undecided" in text or "leads" in text for text in texts)
    for word in ("three-small", "one-big", "Reach", "ROI", "better", answer.ensemble.scenario.question):
        assert word in texts, word


@each
def test_a_figure_has_named_axes_and_its_content_in_words(made: Callable[[str], Any], kind: str) -> None:
    figure = made(kind).plot()
    assert isinstance(figure, Figure)
    assert len(figure.get_label()) > 40
    for axes in figure.axes:
        shown = [axes.get_xlabel(), axes.get_ylabel(), axes.get_title("left"), figure.get_supxlabel()]
        ticks = [label.get_text() for label in axes.get_xticklabels()]
        assert any(shown) or any(ticks) or not axes.axison


def test_a_figure_shows_itself_with_its_content_in_words(made: Callable[[str], Any]) -> None:
    """In Jupyter by one method, in marimo by the other."""
    figure = made("Cascades").plot()
    assert isinstance(figure, Drawn)
    image = Strict(figure._repr_html_()).images[0]
    assert image["alt"] == figure.get_label()
    assert str(image["src"]).startswith("data:image/png;base64,")
    assert figure._mime_() == ("text/html", figure._repr_html_())


def test_no_label_is_left_unread_where_scales_are_logarithmic(made: Callable[[str], Any]) -> None:
    """The project's look does not read mathematics: no "$10^3$" on an axis."""
    for kind in ("Scenario", "World"):
        figure = made(kind).plot()
        figure.canvas.draw()
        for axes in figure.axes:
            labels = [*axes.get_xticklabels(which="both"), *axes.get_yticklabels(which="both")]
            assert not [label for label in labels if "$" in label.get_text()]
            assert len([label for label in axes.get_xticklabels() if label.get_text()]) >= 2 or not axes.get_xlabel()


def test_a_run_tells_the_totals_of_its_comparison(made: Callable[[str], Any]) -> None:
    answer = made("Comparison")
    run = answer.ensemble.replicates[0].plans["three-small"].run
    assert f"{answer.totals['three-small'].of('reach')[0]:,.0f} people reached" in repr(run)


def test_a_result_can_be_pickled_and_still_shows_itself(made: Callable[[str], Any]) -> None:
    answer = made("Comparison")
    assert repr(pickle.loads(pickle.dumps(answer))) == repr(answer)


@pytest.mark.full
def test_a_store_without_a_finished_run_says_so(made: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    store = made("Store")
    assert "8 runs done" in repr(store)
    monkeypatch.setattr(type(store), "frame", lambda self: made_frame(self))
    with pytest.raises(sim.InputError, match="no run is done yet"):
        store.plot()


def made_frame(store: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(columns=["point", *store.study.keys, "plan", "error"])


# --- progress ----------------------------------------------------------------------------------------------


def test_progress_is_not_told_unless_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("simulating", wanted=False) as told:
        assert told is None
    sim.compare(SMALL, replicates=2)
    assert capsys.readouterr().err == ""


def test_progress_stands_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("simulating", wanted=True) as told:
        assert told is not None
        told(1, 4, 20.0)
    assert "simulating: 1 of 4, 60 s left" in capsys.readouterr().err


def test_progress_is_shown_below_the_cell_in_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel is one that IPython says is there; the bar is shown once and then updated."""
    shown: list[str] = []

    class Handle:
        def update(self, bar: Any) -> None:
            shown.append(bar._repr_html_())

    def display(bar: Any, display_id: bool) -> Handle:
        assert display_id
        shown.append(bar._repr_html_())
        return Handle()

    jupyter = types.ModuleType("IPython")
    shell = types.SimpleNamespace(kernel=object())
    jupyter.get_ipython = lambda: shell  # type: ignore[attr-defined]
    displaying = types.ModuleType("IPython.display")
    displaying.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", jupyter)
    monkeypatch.setitem(sys.modules, "IPython.display", displaying)
    answer = sim.compare(SMALL, replicates=2, progress=True)
    assert len(answer.ensemble.replicates) == 2
    assert "<progress" not in shown[0]
    assert 'value="2" max="2"' in shown[-1]
    assert all(Strict(text).texts for text in shown)
