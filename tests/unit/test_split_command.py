"""The command split: what it tells, what it refuses, what it leaves in a folder."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pages import words_again

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
WORDS = ("split", SMALL, "--budget", "120", "--groups", "small=anna+ben+cleo,big=big", "--posts", "2", "--every", "3",
         "--step", "0.5", "--replicates", "2", "--workers", "1")  # fmt: skip
Influence = Callable[..., Any]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_page_table_figure_and_document(influence: Influence, tmp_path: Path) -> None:
    answer = influence(*WORDS, "--out", "out", "--target", "50", "--metric", "engagements,roi", "--json")
    assert answer.code == 0, answer.err
    told = answer.json()
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "digest", "split.json", "report.html", "split.csv", "figures", "replicates"}  # fmt: skip
    assert (out / "split.json").read_text() == answer.out
    assert (told["schema"], told["command"], told["budget"], told["metric"]) == (1, "split", 120.0, "engagements")
    assert [row["share"] for row in told["curve"]] == [1.0, 0.5, 0.0]
    assert told["curve"][0]["shares"] == {"small": 1.0, "big": 0.0}
    assert told["best"] in told["curve"]
    assert told["best"]["share"] in told["not_distinguishable_from_best"]
    assert set(told["best_by"]) == {"engagements", "roi"}
    assert (told["target"]["target"], told["target"]["metric"]) == (50.0, "engagements")
    rows = list(csv.DictReader(io.StringIO((out / "split.csv").read_text())))
    assert [float(row["share_small"]) for row in rows] == [1.0, 0.5, 0.0]
    for row, other in zip(rows, told["curve"], strict=True):
        assert float(row["engagements"]) == other["engagements"]["mean"]
        assert float(row["cost"]) == other["cost"]
    page = (out / "report.html").read_text()
    assert not re.search(r"(src|href)=.?(https?:)?//", page)
    assert (out / "figures" / "split.png").read_bytes().startswith(b"\x89PNG")


def test_the_words_keep_every_digit_of_the_money(influence: Influence, tmp_path: Path) -> None:
    words = ["123456.78" if word == "120" else word for word in WORDS]
    assert influence(*words, "--out", "out", "--target", "1234567.5").code == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "--budget 123456.78" in page
    assert "--target 1234567.5" in page


def test_its_page_tells_the_words_that_give_the_same_again(influence: Influence, tmp_path: Path) -> None:
    first = influence(*WORDS, "--out", "out", "--set", "parameters.click_rate=0.05").out
    again = influence(*words_again(tmp_path / "out" / "report.html", SMALL), "--out", "again", "--workers", "1")
    assert again.code == 0, again.err
    assert again.out.replace("again", "out") == first
    assert (tmp_path / "again" / "digest").read_text() == (tmp_path / "out" / "digest").read_text()


def test_a_finished_split_is_not_run_again_and_another_is_refused(influence: Influence, tmp_path: Path) -> None:
    assert influence(*WORDS, "--out", "out").code == 0
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "replicates").rglob("*.npz")}
    assert kept
    assert influence(*WORDS, "--out", "out").code == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    other = influence(*WORDS, "--out", "out", "--seed", "8")
    assert other.code == 2
    assert "another question's results" in other.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--budget", "50k"), "--budget: not a number (got '50k')"),
        (("--budget", "-5"), "--budget: not an amount of money"),
        (("--budget", "2"), "--budget: buys not one post with any split"),
        (("--groups", "nano"), "--groups: a budget is split over two or three groups"),
        (("--groups", "nano,big=bigg"), "did you mean 'big'?"),
        (("--metric", "engagement"), "did you mean 'engagements'?"),
        (("--order", "smalest"), "did you mean 'smallest'?"),
        (("--step", "0.3"), "--step: whole steps of this size do not make 1"),
        (("--step", "1e-9"), "--step: makes 1,000,000,001 splits"),
        (("--target", "5", "--metric", "roi"), "--metric: a target needs a figure that adds up"),
        (("--start", "6"), "--start: begins after the last day"),
    ],
)
def test_mistakes_end_in_one_message(words: tuple[str, ...], says: str, influence: Influence) -> None:
    answer = influence(*WORDS, *words, "--out", "-")
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err
