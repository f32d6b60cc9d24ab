"""The command select: what it tells, what it refuses, what it leaves in a folder."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pages import words_again

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
ROSTER = "handle,followers,niche,fee\nada,2000,beauty,20\nbea,1800,beauty,20\ncid,1500,food,20\ndot,900,,20\n"
WORDS = ("select", SMALL, "--roster", "four.csv", "--budget", "80", "--metric", "reach", "--posts", "2", "--every", "3",
         "--replicates", "2", "--choose-on", "1", "--workers", "1")  # fmt: skip
Influence = Callable[..., Any]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "four.csv").write_text(ROSTER, encoding="utf-8")


def test_it_writes_page_roster_figure_and_document(influence: Influence, tmp_path: Path) -> None:
    answer = influence(*WORDS, "--out", "out", "--forbid", "dot", "--json")
    assert answer.code == 0, answer.err
    told = answer.json()
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "digest", "select.json", "report.html", "select.csv", "figures", "replicates"}  # fmt: skip
    assert (out / "select.json").read_text() == answer.out
    assert (told["schema"], told["command"], told["budget"], told["metric"]) == (1, "select", 80.0, "reach")
    chosen = [one["creator"] for one in told["chosen"]]
    assert (told["candidates"], len(chosen), told["cost"], told["left_over"]) == (3, 2, 80.0, 0.0)
    assert "dot" not in chosen
    assert told["deals"] == [{"creator": handle, "posts": 2, "every": 3, "fee": 20.0} for handle in chosen]
    assert told["chosen"][-1]["so_far"] == told["figures"]["reach"]
    assert [one["name"] for one in told["baselines"]] == [
        "most followers", "highest engagement rate", "cheapest per follower", "random"]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((out / "select.csv").read_text())))
    assert [row["handle"] for row in rows] == chosen
    assert [float(row["adds_reach"]) for row in rows] == [one["gain"]["mean"] for one in told["chosen"]]
    page = (out / "report.html").read_text()
    assert not re.search(r"(src|href)=.?(https?:)?//", page)
    assert (out / "figures" / "select.png").read_bytes().startswith(b"\x89PNG")
    snippet = re.search(r"<pre><code>(.*?)</code></pre>", page, flags=re.DOTALL)
    assert snippet is not None
    (plan,) = tomllib.loads(unescape(snippet[1]))["plan"]
    assert [deal["creator"] for deal in plan["deals"]] == chosen


def test_its_page_tells_the_words_that_give_the_same_again(influence: Influence, tmp_path: Path) -> None:
    wishes = ("--require", "cid", "--most-per-niche", "1", "--set", "parameters.click_rate=0.05")
    first = influence(*WORDS, *wishes, "--out", "out").out
    again = influence(*words_again(tmp_path / "out" / "report.html", SMALL), "--out", "again", "--workers", "1")
    assert again.code == 0, again.err
    assert again.out.replace("again", "out") == first
    assert (tmp_path / "again" / "digest").read_text() == (tmp_path / "out" / "digest").read_text()


def test_what_was_judged_is_not_run_again_and_another_question_is_refused(influence: Influence, tmp_path: Path) -> None:
    assert influence(*WORDS, "--out", "out").code == 0
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "replicates").glob("*.npz")}
    assert len(kept) == 2
    assert influence(*WORDS, "--out", "out").code == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    (tmp_path / "four.csv").write_text(ROSTER.replace("1800", "1801"), encoding="utf-8")
    other = influence(*WORDS, "--out", "out")
    assert other.code == 2
    assert "another question's results" in other.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--budget", "50k"), "--budget: not a number (got '50k')"),
        (("--budget", "-5"), "--budget: not an amount of money"),
        (("--budget", "10"), "--budget: books nobody (got 10.0); expected 40.00 or more, which is ada with 2 posts"),
        (("--metric", "engagement"), "did you mean 'engagements'?"),
        (("--require", "adda"), "--require: no such creator (got 'adda'); expected a handle of the roster; did you"),
        (("--require", "ada,bea,cid"), "--require: the required creators cost 120.00, more than the budget"),
        (("--require", "ada,bea", "--most-per-niche", "1"), "--most-per-niche: 2 creators of beauty are required"),
        (("--most-per-niche", "0"), "--most-per-niche: out of range"),
        (("--forbid", "ada,bea,cid,dot"), "--budget: books nobody"),
        (("--posts", "3"), "--posts: the last post would fall after the last day (got 3); expected at most 2"),
        (("--roster", "for.csv"), "for.csv"),
        (("--roster", "."), "a folder, not a file"),
    ],
)
def test_mistakes_end_in_one_message(words: tuple[str, ...], says: str, influence: Influence) -> None:
    answer = influence(*WORDS, *words, "--out", "-")
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_a_roster_with_problems_is_told_row_by_row(influence: Influence, tmp_path: Path) -> None:
    (tmp_path / "four.csv").write_text(ROSTER.replace("food", "fod").replace("1800", "many"), encoding="utf-8")
    answer = influence(*WORDS, "--out", "-")
    assert answer.code == 2
    assert "row 3" in answer.err
    assert "did you mean 'food'?" in answer.err
