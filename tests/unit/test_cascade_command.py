"""The command cascade: what it answers, what it refuses, what it leaves in a folder."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import sim

Influence = Callable[..., Any]
KEYS = [
    "schema", "command", "graph", "nodes", "arcs", "model", "p", "runs", "seeds", "mean_size", "standard_error", "sd",
    "median", "max", "sizes", "depth", "structural_virality", "seed", "versions", "notes",
]  # fmt: skip


@pytest.fixture
def edges(tmp_path: Path) -> str:
    """anna influences ben, ben carla and dora, for sure; strength is a second column of weights."""
    path = tmp_path / "edges.csv"
    path.write_text("src,dst,p,strength\nanna,ben,1,0.5\nben,carla,1,1.5\nben,dora,1,0.25\n", encoding="utf-8")
    return str(path)


def test_json_is_the_promised_document(influence: Influence) -> None:
    answer = influence("cascade", "karate", "--p", "0.1", "--seeds", "0", "--runs", "500", "--json")
    found = answer.json()
    assert answer.code == 0
    assert list(found) == KEYS
    assert (found["schema"], found["command"], found["graph"]) == (1, "cascade", "karate")
    assert (found["nodes"], found["arcs"], found["model"], found["p"]) == (34, 156, "ic", 0.1)
    assert (found["runs"], found["seeds"], found["seed"]) == (500, ["0"], 1)
    assert sum(found["sizes"].values()) == 500
    assert found["mean_size"] == pytest.approx(sum(int(size) * n for size, n in found["sizes"].items()) / 500)
    assert found["standard_error"] == pytest.approx(found["sd"] / math.sqrt(500))
    assert found["max"] == max(map(int, found["sizes"]))
    assert abs(found["mean_size"] - 3.412650507452) < 4 * found["standard_error"]


def test_the_same_seed_gives_the_same_and_another_does_not(influence: Influence) -> None:
    words = ("cascade", "karate", "--model", "lt", "--seeds", "random:2", "--runs", "300", "--json", "--seed")
    assert influence(*words, "5").out == influence(*words, "5").out
    assert influence(*words, "5").json()["sizes"] != influence(*words, "6").json()["sizes"]


def test_one_run_has_no_error_and_no_virality_when_nobody_follows(influence: Influence) -> None:
    found = influence("cascade", "karate", "--p", "0", "--seeds", "3,4", "--runs", "1", "--json").json()
    assert (found["mean_size"], found["median"], found["max"], found["sizes"]) == (2, 2, 2, {"2": 1})
    assert found["standard_error"] is found["sd"] is found["structural_virality"] is None
    assert found["depth"] == 0


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["--seeds", "anna"], 4),
        (["--seeds", "ben"], 3),
        (["--seeds", "dora"], 1),
        (["--seeds", "dora", "--reverse"], 3),
        (["--seeds", "dora", "--undirected"], 4),
        (["--seeds", "degree:1"], 3),
        (["--seeds", "greedy:1"], 4),
        (["--seeds", "random:4"], 4),
    ],
    ids=str,
)
def test_arcs_carry_influence_from_source_to_target(
    words: list[str], size: int, edges: str, influence: Influence
) -> None:
    found = influence("cascade", edges, "--p", "1", "--runs", "5", "--json", *words).json()
    assert found["sizes"] == {str(size): 5}
    assert found["graph"] == "edges.csv"


def test_weights_come_from_the_column_named(edges: str, influence: Influence) -> None:
    words = ("cascade", edges, "--seeds", "anna", "--runs", "5", "--json", "--p")
    assert influence(*words, "column").json()["sizes"] == {"4": 5}
    refused = influence(*words, "column:strength")
    assert refused.code == 2
    assert refused.json()["error"]["message"] == "the arc from ben to carla has a weight outside 0..1"
    assert influence(*words, "0.5").json()["notes"][-1] == (
        "the weights of the graph are not used; --p column uses them"
    )


def test_graphml_is_read_with_its_direction_and_its_attributes(tmp_path: Path, influence: Influence) -> None:
    graph = nx.DiGraph()
    graph.add_edge("anna", "ben", weight=1.0, trust=0.0)
    graph.add_edge("ben", "cleo", weight=1.0, trust=0.0)
    for name, kind, size in (("directed.graphml", graph, 2), ("both.graphml.gz", graph.to_undirected(), 3)):
        nx.write_graphml(kind, tmp_path / name)
        words = ("cascade", str(tmp_path / name), "--seeds", "ben", "--runs", "4", "--json", "--p")
        found = influence(*words, "column").json()
        assert (found["graph"], found["sizes"]) == (name, {str(size): 4})
        assert influence(*words, "column:trust").json()["sizes"] == {"1": 4}
        assert influence(*words, "column", "--undirected").json()["sizes"] == {"3": 4}
    assert "edges are undirected: each carries influence both ways" in found["notes"]
    error = influence(*words, "column:trusst").json()["error"]
    assert (error["key"], error["nearest"]) == ("weight column", "trust")


@pytest.mark.parametrize("model", ["ic", "lt"])
def test_the_number_of_threads_changes_nothing(model: str, influence: Influence) -> None:
    words = ("cascade", "karate", "--model", model, "--seeds", "0", "--runs", "200", "--json")
    one = influence(*words, "--workers", "1").out
    assert influence(*words, "--workers", "3").out == influence(*words).out == one
    assert influence(*words, "--seed", "2").out != one


def test_the_table_names_seeds_and_figures(influence: Influence) -> None:
    answer = influence("cascade", "karate", "--p", "1", "--seeds", "degree:12", "--runs", "3")
    assert answer.code == 0
    assert "karate: independent cascade, p 1.0, 34 nodes, 156 arcs, 3 runs, seed 1" in answer.out
    assert "seeds: 33, 0, 32, 2, 1, " in answer.out
    assert " and 2 more" in answer.out
    assert "mean size                      34" in answer.out
    assert "note: karate" in answer.err
    assert not influence("cascade", "karate", "--p", "1", "--seeds", "0", "--runs", "3", "--quiet").err


@pytest.mark.parametrize(
    ("words", "key", "nearest"),
    [
        (["--seeds", "0,99"], "--seeds", None),
        (["--seeds", "0,0"], "--seeds", None),
        (["--seeds", " "], "--seeds", None),
        (["--seeds", "gredy:3"], "--seeds", "greedy"),
        (["--seeds", "degree:35"], "--seeds", None),
        (["--seeds", "random:0"], "--seeds", None),
        (["--seeds", "random:many"], "--seeds", None),
        (["--seeds", "0", "--p", "1.5"], "--p", None),
        (["--seeds", "0", "--p", "nan"], "--p", None),
        (["--seeds", "0", "--p", "weigted"], "--p", "weighted"),
        (["--seeds", "0", "--p", "column:"], "--p", None),
        (["--seeds", "0", "--p", "column"], "--p", None),
        (["--seeds", "0", "--model", "icc"], "--model", "ic"),
        (["--seeds", "0", "--model", "lt", "--p", "0.5"], "--p", None),
        (["--seeds", "0", "--runs", "0"], "--runs", None),
        (["--seeds", "0", "--seed", "-1"], "--seed", None),
        ([], "--seeds", None),
    ],
    ids=str,
)
def test_bad_input_is_told_with_key_and_nearest(
    words: list[str], key: str, nearest: str | None, influence: Influence
) -> None:
    answer = influence("cascade", "karate", *words, "--json")
    error = answer.json()["error"]
    assert answer.code == 2
    assert error["key"] == key
    assert error["expected"]
    assert nearest is None or error["nearest"] == nearest


def test_an_unknown_name_gets_the_nearest(edges: str, influence: Influence) -> None:
    answer = influence("cascade", edges, "--seeds", "ana")
    assert answer.code == 2
    assert "did you mean 'anna'?" in answer.err
    assert influence("cascade", edges + "x", "--seeds", "anna").code == 2


def test_weights_that_sum_to_more_than_one_are_no_thresholds(tmp_path: Path, influence: Influence) -> None:
    path = tmp_path / "edges.txt"
    path.write_text("src dst weight\na c 0.7\nb c 0.4\n", encoding="utf-8")
    words = ("cascade", str(path), "--seeds", "a", "--p", "column", "--runs", "2", "--json")
    error = influence(*words, "--model", "lt").json()["error"]
    assert error["message"] == "the weights that reach node c sum to more than 1"
    assert error["value"] == pytest.approx(1.1)
    assert influence(*words, "--model", "ic").code == 0


def test_a_folder_gets_the_document_and_is_kept_from_other_questions(tmp_path: Path, influence: Influence) -> None:
    folder = tmp_path / "out"
    words = ("cascade", "karate", "--p", "0.1", "--seeds", "0", "--json", "--out", str(folder), "--runs")
    first = influence(*words, "50")
    assert (folder / "summary.json").read_text(encoding="utf-8") == first.out
    assert influence(*words, "50").out == first.out
    assert influence(*words, "60").code == 2
    assert influence(*words, "60", "--overwrite").json()["runs"] == 60
    assert sorted(path.name for path in folder.iterdir()) == ["digest", "summary.json"]


def test_python_gives_the_same_runs_and_refuses_the_same(influence: Influence, edges: str) -> None:
    found = influence("cascade", "karate", "--p", "0.1", "--seeds", "0", "--runs", "300", "--json").json()
    made = sim.cascade("karate", p=0.1, seeds="0", runs=300)
    assert made.sizes.mean() == pytest.approx(found["mean_size"])
    assert sim.cascade(edges, p="column", seeds="anna", runs=3).sizes.tolist() == [4, 4, 4]
    for wrong in ({"runs": 0}, {"p": 2.0}, {"seeds": "nobody"}, {"model": "sir"}):
        with pytest.raises(sim.InputError):
            sim.cascade(edges, **{"p": 0.1, "seeds": "anna", **wrong})
