"""The commands of many runs: what they tell, what they leave behind, what they refuse."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.commands import sweep as commands
from sim.studies.store import Store, lock_file
from sim.studies.study import Axis, Study

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
STUDY = (
    f'scenario = "{SMALL}"\npeople = 1000\ndays = 2\nfigures = ["reach", "roi"]\n[vary]\nproduct.price = [40.0, 50.0]\n'
)
ONE = ("--workers", "1", "--replicates", "1")
Influence = Callable[..., Any]


@pytest.fixture(autouse=True)
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of two points, in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "price.toml").write_text(STUDY)
    return tmp_path / "price.toml"


@pytest.fixture
def store(influence: Influence) -> str:
    """The store of a finished sweep."""
    assert influence("sweep", "price.toml", *ONE, "--store", "kept.sqlite", "--quiet").code == 0
    return "kept.sqlite"


def test_a_sweep_from_beginning_to_end(influence: Influence, tmp_path: Path) -> None:
    answer = influence("sweep", "price.toml", *ONE)
    (kept,) = (tmp_path / "results").glob("*.sqlite")
    assert answer.code == 0
    assert kept.name == f"price-{Store(kept).digest}.sqlite"
    assert "price: 2 runs, product.price varying\n  done    2 (" in answer.out
    assert influence("status", str(kept.relative_to(tmp_path))).out == answer.out
    again = influence("sweep", "price.toml", *ONE, "--json", "--quiet")
    assert (again.code, again.err) == (0, "")
    found = again.json()
    assert (found["schema"], found["command"], found["study"], found["digest"]) == (
        1,
        "sweep",
        "price",
        Store(kept).digest,
    )
    assert (found["runs"], found["done"], found["failed"], found["left"], found["errors"]) == (2, 2, 0, 0, [])
    assert influence("export", str(kept), "--to", "csv", "--out", "runs.csv").out == "runs.csv\n"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text())))
    assert [(row["point"], row["product.price"], row["replicate"], row["plan"]) for row in rows[2:4]] == [
        ("0", "40.0", "0", "one-big"), ("1", "50.0", "0", "none"),
    ]  # fmt: skip


def test_a_dry_run_counts_and_writes_nothing(influence: Influence, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    found = influence("sweep", "price.toml", "--replicates", "3", "--workers", "2", "--dry-run", "--json").json()
    assert (found["points"], found["replicates"], found["runs"], found["left"]) == (2, 3, 6, 6)
    assert found["seconds"] == pytest.approx(6 * found["seconds_a_run"] / 2)
    text = influence("sweep", "price.toml", "--replicates", "3", "--workers", "1", "--dry-run").out
    assert text.startswith(
        "price: 2 points x 3 replicates = 6 runs of 3 plans (none, three-small, one-big), product.price"
    )
    assert "in 1 process\n" in text
    assert set(tmp_path.rglob("*")) == before


def test_a_dry_run_knows_what_is_there(influence: Influence, store: str) -> None:
    found = influence("sweep", "price.toml", *ONE, "--store", store, "--dry-run").out
    assert "2 of them are in the store already" in found


def test_an_interrupted_sweep_is_resumed(influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = commands.Progress.__call__

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.Progress, "__call__", stop)
    answer = influence("sweep", "price.toml", *ONE, "--store", "kept.sqlite")
    assert answer.code == 130
    assert answer.err.endswith("stopped; 1 of 2 runs are kept; `influence resume kept.sqlite` goes on\n")
    assert "left    1 (`influence resume kept.sqlite` does them)" in influence("status", "kept.sqlite").out
    part = influence("export", "kept.sqlite")
    assert (part.code, part.out) == (0, "kept.csv\n")
    assert "1 of 2 runs are not in it yet" in part.err
    monkeypatch.setattr(commands.Progress, "__call__", whole)
    answer = influence("resume", "kept.sqlite", "--workers", "1", "--json", "--quiet")
    assert (answer.code, answer.err, answer.json()["done"]) == (0, "", 2)
    refused = influence("export", "kept.sqlite")
    assert (refused.code, "is there already, with other contents" in refused.err) == (2, True)
    assert influence("export", "kept.sqlite", "--overwrite").code == 0
    assert influence("export", "kept.sqlite").code == 0
    assert len((tmp_path / "kept.csv").read_text().splitlines()) == 7


def test_failed_runs_are_told(influence: Influence, study: Path) -> None:
    study.write_text(STUDY.replace("people = 1000\n", "") + "society.people = [1000, 100]\n")
    answer = influence("sweep", "price.toml", *ONE, "--store", "kept.sqlite")
    assert answer.code == 0
    assert "  failed  2\n    point 1, replicate 0: creator." in answer.out
    assert "audience" in answer.out
    errors = influence("status", "kept.sqlite", "--json").json()["errors"]
    assert [error["point"] for error in errors] == [1, 3]
    study.write_text(STUDY.replace("1000", "100"))
    answer = influence("sweep", "price.toml", *ONE, "--store", "none.sqlite", "--quiet")
    assert answer.code == 1
    assert "not one run could be done: creator." in answer.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sweep", "prise.toml"), "no such file; expected a study (.toml)"),
        (("sweep", "price.toml", "--set", "product.price=3.0"), "vary.product.price: both varies and is fixed"),
        (("sweep", "price.toml", "--set", "product.prize=3.0"), "product.prize: unknown key"),
        (("sweep", "price.toml", "--engine", "kernl"), "--engine: no such engine"),
        (("sweep", "price.toml", "--store", "."), "--store: is a folder"),
        (("sweep", "price.toml", "--store", "price.toml"), "price.toml: is not a store of runs"),
        (("sweep", "price.toml", "--seed", "3", "--store", "kept.sqlite"), "holds another study, or the study"),
        (("resume", "kept.sqlit"), "no such file; expected a store that `influence sweep` has written; did you mean"),
        (("status", "price.toml"), "is not a store of runs"),
        (("export", "kept.sqlite", "--to", "xlsx"), "--to: no such form (got 'xlsx'); expected one of csv, parquet"),
        (("export", "kept.sqlite", "--out", "price.toml"), "--out: is there already, with other contents"),
        (("export", "kept.sqlite", "--out", "."), "--out: is a folder"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("store")
def test_wrong_words_end_in_one_message(words: tuple[str, ...], says: str, influence: Influence) -> None:
    answer = influence(*words)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert answer.err.count("\n") == 1
    assert influence("status", "kept.sqlite", "--json").json()["done"] == 2


def test_parquet_needs_pyarrow_and_says_so(
    influence: Influence, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "find_spec", lambda _: None)
    answer = influence("export", store, "--to", "parquet")
    assert answer.code == 2
    assert "--to: needs pyarrow, which is not installed (got 'parquet'); expected `pip install pyarrow`" in answer.err
    assert not (tmp_path / "kept.parquet").exists()


def test_parquet_holds_the_same_table(influence: Influence, store: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pandas as pd

    assert influence("export", store, "--to", "parquet").code == 0
    content = (tmp_path / "kept.parquet").read_bytes()
    assert pd.read_parquet(tmp_path / "kept.parquet")["reach"].tolist() == Store(store).frame()["reach"].tolist()
    assert influence("export", store, "--to", "parquet", "--overwrite").code == 0
    assert (tmp_path / "kept.parquet").read_bytes() == content


def test_what_a_sweep_leaves_in_a_folder(store: str, tmp_path: Path) -> None:
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"price.toml", store, lock_file(Path(store)).name}


def test_the_same_from_python(tmp_path: Path, store: str) -> None:
    built = Study(
        "price", SMALL, (Axis("product.price", (40.0, 50.0)),), figures=("reach", "roi"), people=1_000, days=2
    )
    here = sim.sweep(built, tmp_path / "python.sqlite", replicates=1)
    assert isinstance(here, sim.Store)
    assert here.digest == Store(store).digest
    assert here.frame().equals(sim.Store(store).frame())
    assert sim.sweep("price.toml", tmp_path / "python.sqlite", replicates=1).status().left == 0
    assert "numba" in sys.modules
