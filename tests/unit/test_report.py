"""What reports are made of: overlap, the assumptions that matter, definitions, and the page of a store."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.society.overlap import audience_overlap, pair_overlaps, shared_followers
from sim.studies.study import Axis, Study
from sim.studies.study_file import read_study, study_toml
from sim.views.page import Top, table, whole_page
from sim.views.report.assumptions import is_open, moves
from sim.views.report.parts import CREATOR_FIGURES, DAY_FIGURES, WORDS_HERE
from sim.views.sweep_figure import line
from sim.views.sweep_page import leads
from sim.views.terms import USUAL, WORDS, definitions, meaning, term

Influence = Callable[..., Any]
ROOT = Path(__file__).parents[2]
SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")


def test_followers_shared_with_others() -> None:
    audiences = [np.array(people, dtype=np.int32) for people in ([0, 1, 2, 3], [3, 4], [], [5])]
    assert shared_followers(audiences, 6) == [0.25, 0.5, 0.0, 0.0]
    assert shared_followers(audiences[:1], 6) == [0.0]


def test_overlap_of_each_two_is_of_the_smaller() -> None:
    audiences = [np.array(people, dtype=np.int32) for people in ([0, 1, 2, 3], [3, 4], [], [2, 3, 5])]
    third = 1 / 3
    expected = [[1, 0.5, 0, 2 * third], [0.5, 1, 0, 0.5], [0, 0, 1, 0], [2 * third, 0.5, 0, 1]]
    np.testing.assert_allclose(pair_overlaps(audiences, 6), expected, rtol=1e-15)
    assert audience_overlap(audiences) == pytest.approx(1 - 6 / 9)
    assert audience_overlap(audiences[:1]) is None


def test_the_shipped_effects_are_those_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ROOT / "experiments" / "mechanisms"
    monkeypatch.syspath_prepend(str(folder))
    from effects_shipped import SHIPPED, shipped

    assert SHIPPED.read_text(encoding="utf-8") == shipped(folder / "results.csv")


def test_the_assumptions_that_move_most_come_first() -> None:
    found = moves()
    assert [move.size for move in found] == sorted((move.size for move in found), reverse=True)
    by_name = {move.parameter: move for move in found}
    assert by_name["trust_gain"].size > by_name["skepticism_width"].size
    assert is_open("trust_reference")
    assert is_open("trust_floor")
    assert not is_open("price_reference")


def test_every_term_has_a_meaning() -> None:
    used = {*USUAL, *WORDS_HERE, *(key for key, _ in (*CREATOR_FIGURES.values(), *DAY_FIGURES.values()))}
    assert all(meaning(key) for key in used)
    page = definitions(WORDS)
    assert {re.search('#(means-.*?)"', term(key, key))[1] for key in used} <= set(re.findall('id="(.*?)"', page))  # type: ignore[index]


def test_a_page_leaves_empty_parts_out_and_escapes() -> None:
    parts = {"full": ("Full <1>", [table("c", ["a", "b"], [["x", "1"]])]), "empty": ("Empty", ["", ""])}
    page = whole_page(Top("a & b", "", "A simulation.", sure=["half"]), parts)
    assert "Full &lt;1&gt;" in page
    assert "Empty" not in page
    assert "<h2>How sure</h2>" in page
    assert page.index("<header>") < page.index('<main id="main"')


@pytest.mark.parametrize(
    "study",
    [
        Study("one", "small.toml", (Axis("click_rate", (0.1, 0.5)), Axis("reach", low=0.1, high=0.5, steps=3)),
              question="Does it?", settings=("product.price=50.0",), replicates=2, figures=("reach",)),
        Study("two", "small", design="list", listed=({"click_rate": 0.1}, {"platform.preset": "tiktok"})),
        Study("three", "small", (Axis("run.days", low=5, high=9, whole=True), Axis("reach", low=0.1, high=1, log=True)),
              design="morris", n_trajectories=4, of="a - b", figures=("reach",), seed=3),
    ],
    ids=lambda study: study.name,
)  # fmt: skip
def test_a_study_is_written_as_it_is_read(study: Study, tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(study_toml(study))
    read = read_study(file)
    assert read.points(1) == study.points(1)
    assert (read.name, read.question, read.settings, read.figures, read.options, read.design, read.of) == (
        study.name, study.question, study.settings, study.figures, study.options, study.design, study.of)  # fmt: skip


def test_leads_count_points_and_no_ties() -> None:
    means = pd.DataFrame({"point": [0, 0, 1, 1, 2, 2], "plan": ["a", "b"] * 3, "reach": [2.0, 1, 1, 3, 4, 4],
                          "cpa": [2.0, 1, 1, 3, np.nan, 4]})  # fmt: skip
    assert leads(means, "reach") == {"a": 1, "b": 1}
    assert leads(means, "cpa") == {"a": 1, "b": 1}
    assert leads(means[means["point"] == 0], "cpa") == {"a": 0, "b": 1}


def test_a_line_through_few_or_many_values() -> None:
    x, y = line(np.array([1.0, 1.0, 2.0]), np.array([0.0, 4.0, 5.0]))
    assert (x.tolist(), y.tolist()) == ([1.0, 2.0], [2.0, 5.0])
    x, y = line(np.arange(60.0), np.arange(60.0))
    assert len(x) == 6
    assert x[0] == y[0] == 4.5


def test_the_page_of_a_store(influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clicks.toml").write_text(
        f'# Do clicks matter?\nscenario = "{SMALL}"\nreplicates = 1\nfigures = ["reach", "clicks"]\n'
        "[vary]\nclick_rate = [0.1, 0.5]\n")  # fmt: skip
    assert influence("sweep", "clicks.toml", "--store", "kept.sqlite", "--workers", "1", "--quiet").code == 0
    told = influence("report", "kept.sqlite", "--json").json()
    assert told["files"] == ["kept.report.html"]
    page = (tmp_path / "kept.report.html").read_text()
    assert "http" not in page
    for words in ("Do clicks matter?", "Which plan leads how often", "three-small", "0.1, 0.5", "influence sweep"):
        assert words in page
    assert str(tmp_path) not in page
    answer = influence("report", "clicks.toml")
    assert answer.code == 2
    assert "is not a store of runs" in answer.err


def test_folders_of_other_studies_say_how_to_write_them_again(
    influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "digest").write_text("0123456789ab run split\n")
    answer = influence("report", "out")
    assert answer.code == 2
    assert "was written by `influence split`" in answer.err
    assert "out/report.html" in answer.err
