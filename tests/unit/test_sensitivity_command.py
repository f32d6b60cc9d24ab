"""``influence sensitivity``: what it tells, what it leaves behind, what it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
STUDY = f"""# Do clicks matter?
scenario = "{SMALL}"
design = "morris"
trajectories = 4
of = "three-small - one-big"
people = 1000
days = 2
replicates = 2
figures = ["reach", "clicks"]
[vary]
click_rate = {{}}
reach = {{ low = 0.1, high = 0.9 }}
"""
Influence = Callable[..., Any]


@pytest.fixture(autouse=True)
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clicks.toml").write_text(STUDY)
    return tmp_path / "clicks.toml"


def test_an_analysis_from_beginning_to_end(influence: Influence, tmp_path: Path) -> None:
    told = influence("sensitivity", "clicks.toml", "--workers", "1", "--quiet")
    assert (told.code, told.err) == (0, "")
    (folder,) = (tmp_path / "results").glob("clicks-sensitivity-*")
    assert "clicks: which numbers decide three-small - one-big" in told.out
    assert "people reached, three-small - one-big" in told.out
    assert folder.name in told.out.replace("\n", "")
    found = json.loads((folder / "sensitivity.json").read_text())
    assert (found["schema"], found["command"], found["method"], found["figure"]) == (
        1,
        "sensitivity",
        "morris",
        "reach",
    )
    assert (found["points"], found["replicates"], found["runs"], found["question"]) == (12, 2, 24, "Do clicks matter?")
    assert set(found["indices"]) == {"click_rate", "reach"}
    assert found["indices"] == found["figures"]["reach"]["indices"]
    assert list(found["indices"]["reach"]) == ["mu_star", "mu", "sigma"]
    assert found["noise_share"] > 0
    rows = list(csv.DictReader(io.StringIO((folder / "sensitivity.csv").read_text())))
    assert [row["figure"] for row in rows] == ["reach", "reach", "clicks", "clicks"]
    assert float(rows[0]["mu_star"]) == found["indices"]["reach"]["mu_star"]["value"]
    assert (folder / "figures" / "sensitivity.png").read_bytes().startswith(b"\x89PNG")
    page = (folder / "report.html").read_text()
    assert "Do clicks matter?" in page
    assert "influence sensitivity clicks.toml" in page
    assert "0.1 to 0.9" in page
    assert "http" not in page
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = influence("sensitivity", "clicks.toml", "--workers", "1", "--quiet", "--json")
    assert again.json() == found
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_sobol_indices_are_told(influence: Influence, study: Path) -> None:
    text = STUDY.replace("trajectories = 4", "points = 16").replace('"morris"', '"sobol-indices"')
    study.write_text(text.replace("replicates = 2", "replicates = 1").replace('["reach", "clicks"]', '["clicks"]'))
    told = influence("sensitivity", "clicks.toml", "--workers", "1", "--out", "-")
    assert told.code == 0
    assert "decides most" in told.out
    assert "with one replicate" in told.out
    assert "S1" in told.out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"morris"\ntrajectories = 4\nof = "three-small - one-big"', '"grid"', "click_rate: has no steps"),
        ("one-big", "one-bug", "of: is not made of two plans of the scenario"),
        ("= 4", "= 2", "trajectories: too few"),
        ("click_rate = {}\nreach = { low = 0.1, high = 0.9 }", "society.people = [1000, 100]", "runs failed, and"),
        ("click_rate = {}", "trust_on_purchase = {}", "points cannot be played, and indices need every"),
        ('"reach", "clicks"', '"cost"', "cost of three-small - one-big is the same at all points"),
        ("- one-big", "/ none", "reach of three-small / none is undefined at 12 of 12 points"),
    ],
)  # fmt: skip
def test_what_cannot_be_analysed_ends_in_one_message(
    old: str, new: str, says: str, influence: Influence, study: Path, tmp_path: Path
) -> None:
    text = STUDY.replace("people = 1000\n", "") if "society" in new else STUDY
    assert text.count(old) == 1
    study.write_text(text.replace(old, new))
    told = influence("sensitivity", "clicks.toml", "--workers", "1", "--quiet")
    assert (told.code, told.out) == (2, "")
    assert says in told.err
    assert told.err.count("\n") == 1
    assert not list((tmp_path / "results").glob("*-sensitivity-*"))
