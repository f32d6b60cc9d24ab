"""The command calibrate: what it tells, what it refuses, what it leaves in a folder."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pages import words_again

from sim.commands import calibrate as command
from sim.scenario.load import load
from sim.studies.calibrate_asked import Sizes

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
SEEN = "creator,followers,posts,reach,engagements\none,1200,1,500,30\ntwo,1500,1,620,44\nthree,2200,2,1300,90\n"
WORDS = ("calibrate", SMALL, "--observed", "seen.csv", "--replicates", "3", "--workers", "1", "--quiet")
Influence = Callable[..., Any]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "Sizes", lambda: Sizes((14, 14), 6))
    (tmp_path / "seen.csv").write_text(SEEN, encoding="utf-8")


@pytest.mark.full
def test_it_writes_draws_check_predictions_page_figures_and_a_scenario(influence: Influence, tmp_path: Path) -> None:
    answer = influence(*WORDS, "--out", "out", "--json")
    assert answer.code == 0, answer.err
    told, out = answer.json(), tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "digest", "replicates", "figures", "calibrate.json", "report.html", "posterior.csv", "check.csv",
        "predictions.csv", "fitted.toml"}  # fmt: skip
    assert (out / "calibrate.json").read_text(encoding="utf-8") == answer.out
    assert (told["schema"], told["command"], told["campaigns"]) == (1, "calibrate", 3)
    assert list(told["parameters"]) == ["reach", "engagement_rate"]
    draws = list(csv.DictReader(io.StringIO((out / "posterior.csv").read_text())))
    assert len(draws) == 1000
    for name, one in told["parameters"].items():
        assert one["prior_low"] <= one["low"] <= one["median"] <= one["high"] <= one["prior_high"]
        inside = [one["low"] <= float(draw[name]) <= one["high"] for draw in draws]
        assert sum(inside) / len(inside) == pytest.approx(0.9, abs=0.01)
    assert len(told["check"]) == 6
    assert {one["plan"] for one in told["predictions"]} == {plan.name for plan in load(SMALL).plans} - {"none"}
    assert all(lead["runs"] == 3 for lead in told["leads"])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=.?(https?:)?//", page)
    assert page.count("<img alt=") == 2
    for name in ("posterior", "check"):
        assert (out / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    written = (out / "fitted.toml").read_text(encoding="utf-8")
    for name, value in told["fitted"].items():
        assert tomllib.loads(written)["parameters"][name] == value
        assert getattr(load(out / "fitted.toml").rates, name) == value
    assert ("fitted to seen.csv" in written) == bool(told["fitted"])


@pytest.mark.full
def test_the_same_question_gives_the_same_bytes_and_the_page_tells_how(influence: Influence, tmp_path: Path) -> None:
    assert influence(*WORDS, "--set", "parameters.rank_exponent=0.5", "--out", "out").code == 0
    again = words_again(tmp_path / "out" / "report.html", SMALL)
    answer = influence(*again, "--out", "again", "--workers", "2", "--quiet")
    assert answer.code == 0, answer.err
    for name in ("digest", "calibrate.json", "posterior.csv", "check.csv", "predictions.csv", "fitted.toml"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name
    (tmp_path / "seen.csv").write_text(SEEN.replace("620", "621"), encoding="utf-8")
    other = influence(*WORDS, "--out", "out")
    assert other.code == 2
    assert "another question's results" in other.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "an empty file"),
        ("creator,followers,reach\none,1200,x\ntwo,1200,999999999\n", "2 problems found"),
        ("creator,reach\nnobody,500\n", "seen.csv, row 2, creator: a creator whom the scenario does not know"),
        ("creator,followers,reach\none,2,1\n", "seen.csv"),
    ],
)
def test_mistakes_end_in_one_message(text: str, says: str, influence: Influence, tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_text(text, encoding="utf-8")
    answer = influence(*WORDS, "--out", "-")
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_the_observed_file_must_be_named_and_be_there(influence: Influence) -> None:
    assert influence("calibrate", SMALL).code == 2
    answer = influence("calibrate", SMALL, "--observed", "sen.csv", "--json")
    assert answer.code == 2
    assert answer.json()["error"]["nearest"] == "seen.csv"
