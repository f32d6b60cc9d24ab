"""Graphs in: what an edge list may look like, and what is said of one that cannot be read."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.parameters import Rates
from sim.society.graph import ImportedGraph, from_networkx, read_graph
from sim.society.graphml import place_numbers
from sim.society.society import society_from_arcs

DATA = Path(__file__).parents[2].parent / "shared" / "data"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text or bytes to a file and return its path."""

    def _write(content: str | bytes, name: str = "graph.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


def arcs(graph: ImportedGraph) -> list[tuple[str, str]]:
    """The arcs by name, in the order of the arrays."""
    return [(graph.names[s], graph.names[t]) for s, t in zip(graph.sources, graph.targets, strict=True)]


def fault(path: Path, **options: object) -> InputError:
    """The InputError that reading the file raises; it names the file and what was expected."""
    with pytest.raises(InputError) as caught:
        read_graph(path, **options)  # type: ignore[arg-type]
    assert caught.value.file == str(path)
    assert caught.value.expected
    return caught.value


# --- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n2,10\n",
        "1;2\n2;10\n",
        "1\t2\n2\t10\n",
        "1 2\n2 10\n",
        "  1   2  \n 2  10",
        "1, 2\n2 ,10 \n",
        "src,dst\n1,2\n2,10\n",
        "Source;Target\n1;2\n2;10\n",
        "from to\n1 2\n2 10\n",
        "FromNodeId\tToNodeId\n1\t2\n2\t10\n",
        "follower,person\n1,2\n2,10\n",
        "# SNAP\n# nodes: 3\n1\t2\n2\t10\n",
        "% KONECT\n1 2\n% in between\n2 10\n",
        "\ufeffsrc,dst\n1,2\n2,10\n",
        "src,dst\r\n1,2\r\n2,10\r\n",
        "1,2\r2,10\r",
        "\n\n1,2\n\n   \n2,10\n\n",
        "1 2\n\t\n2\t10\n",
        '"1","2"\n"2","10"\n',
        "2,10\n1,2\n",
        "2 10\n1 2\n",
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_the_same_graph_however_it_is_written(write: Write, text: str, zipped: bool) -> None:
    content = gzip.compress(text.encode(), mtime=0) if zipped else text
    graph = read_graph(write(content))
    assert graph.names == ("1", "2", "10")
    assert arcs(graph) == [("1", "2"), ("2", "10")]
    assert graph.sources.dtype == graph.targets.dtype == np.int32
    assert graph.weights is None
    assert (graph.n_self_loops, graph.n_duplicates) == (0, 0)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.TXT", "a.csv.gz", "a.edges", "a"])
def test_gzip_is_told_by_its_content_and_not_by_its_name(write: Write, name: str) -> None:
    assert arcs(read_graph(write(gzip.compress(b"1,2\n", mtime=0), name))) == [("1", "2")]
    assert arcs(read_graph(write("1,2\n", name))) == [("1", "2")]


def test_whole_numbers_are_sorted_as_numbers_and_names_as_text(write: Write) -> None:
    assert read_graph(write("10,9\n9,-1\n")).names == ("-1", "9", "10")
    assert read_graph(write("10,9\n9,anna\nbob,anna\nbob,cleo\n")).names == ("10", "9", "anna", "bob", "cleo")
    big = read_graph(write("1,99999999999999999999999\n2,3\n"))
    assert big.names == ("1", "2", "3", "99999999999999999999999")
    tweets = read_graph(write("1152921504606846977,1152921504606846976\n2,1152921504606846975\n"))
    assert tweets.names == ("2", "1152921504606846975", "1152921504606846976", "1152921504606846977")


def test_names_stay_as_in_the_file(write: Write) -> None:
    assert read_graph(write("007,7\n7,1\n")).names == ("1", "007", "7")
    assert read_graph(write("1 7\n1 08\n")).names == ("1", "7", "08")
    graph = read_graph(write('"Smith, Jo",Žofie\nŽofie,NA\nnull,NA\n'))
    assert graph.names == ("NA", "Smith, Jo", "null", "Žofie")
    assert read_graph(write("a b\tc\nc\td e\n")).names == ("a b", "c", "d e")
    assert read_graph(write('5" disk,a "b"\n')).names == ('5" disk', 'a "b"')


def test_spaces_mixed_with_tabs_separate_numbers(write: Write) -> None:
    graph = read_graph(write("1 2\t0.5\n2 3\t.25\n"))
    assert arcs(graph) == [("1", "2"), ("2", "3")]
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.5, 0.25]


def test_reverse_turns_the_arcs_and_undirected_doubles_them(write: Write) -> None:
    path = write("1,2,0.1\n1,3,0.2\n")
    assert arcs(read_graph(path, reverse=True)) == [("2", "1"), ("3", "1")]
    both = read_graph(path, directed=False)
    assert arcs(both) == [("1", "2"), ("1", "3"), ("2", "1"), ("3", "1")]
    assert both.weights is not None
    assert both.weights.tolist() == [0.1, 0.2, 0.1, 0.2]
    turned = read_graph(path, directed=False, reverse=True)
    assert arcs(turned) == arcs(both)


def test_duplicates_and_self_loops_are_removed_counted_and_said(write: Write) -> None:
    path = write("2,1,0.9\n1,2,0.1\n1,1,0.5\n1,2,0.7\n2,2,0.5\n1,2,0.1\n")
    graph = read_graph(path)
    assert arcs(graph) == [("1", "2"), ("2", "1")]
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.1, 0.9]
    assert (graph.n_self_loops, graph.n_duplicates) == (2, 2)
    assert "2 self-loops removed" in graph.notes
    assert "2 duplicate edges removed, the first weight kept" in graph.notes
    both = read_graph(path, directed=False)
    assert (both.n_self_loops, both.n_duplicates) == (2, 3)
    assert both.weights is not None
    assert both.weights.tolist() == [0.9, 0.9]


def test_a_node_with_only_a_self_loop_stays(write: Write) -> None:
    assert read_graph(write("1,2\n3,3\n")).names == ("1", "2", "3")


def test_notes_say_what_was_skipped(write: Write) -> None:
    graph = read_graph(write("# a\n# b\nsrc,dst,p,day\n1,2,0.5,mon\n# c\n2,3,0.5,tue\n"))
    assert graph.notes == (
        "3 comment lines skipped",
        "header line skipped: src,dst,p,day",
        "weights read from column p",
        "column day left out",
    )
    assert read_graph(write("1,2\n3,2\n")).notes == ()


# --- columns -----------------------------------------------------------------------------------------------


def test_third_column_is_the_weight_if_it_is_numeric(write: Write) -> None:
    graph = read_graph(write("1,2,0.1,7\n2,3,1e-3,8\n"))
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.1, 1e-3]
    words = read_graph(write("1,2,friend\n2,3,friend\n"))
    assert words.weights is None
    assert len(read_graph(write("a,b,x\n" * 300 + "a,c,\n")).sources) == 2
    assert words.notes == ("column 3 left out because it is not numeric",)


def test_header_says_which_column_is_which(write: Write) -> None:
    graph = read_graph(write("id,to,from,p\n1,b,a,0.5\n2,c,b,0.25\n"))
    assert arcs(graph) == [("a", "b"), ("b", "c")]
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.5, 0.25]
    assert "edges lead from column from to column to" in graph.notes


def test_weight_column_by_name(write: Write) -> None:
    path = write("src,dst,age,chance\n1,2,30,0.5\n2,3,40,0.25\n")
    assert read_graph(path).weights.tolist() == [30, 40]  # type: ignore[union-attr]
    assert read_graph(path, weight_column="chance").weights.tolist() == [0.5, 0.25]  # type: ignore[union-attr]
    error = fault(path, weight_column="chanse")
    assert (error.value, error.nearest) == ("chanse", "chance")
    assert fault(path, weight_column="src").key == "weight column"
    assert "header" in (fault(write("1,2,3\n"), weight_column="p").expected or "")


def test_weights_are_read_to_the_last_bit(write: Write) -> None:
    values = np.random.default_rng(5).random(2000)
    text = "".join(f"{k} {k + 1} {value!r}\n" for k, value in enumerate(values.tolist()))
    weights = read_graph(write(text)).weights
    assert weights is not None
    assert np.array_equal(weights, values)


# --- the first line ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "n_nodes"),
    [
        ("3 2\n0 1\n1 2\n", 3),
        ("6 2\n0 1\n1 2\n", 6),
        ("5 1\n0 1\n", 5),
        ("3 4\n0 1\n1 0\n1 2\n2 1\n", 3),
        ("7 2\n0 1 0.5\n1 2 0.5\n", 7),
        ("3 2\n1 2 0.5\n2 3 0.5\n", 3),
        ("3 4\n1 2\n2 1\n2 3\n3 2\n", 3),
        ("# nodes, edges\n6,2\n0,1\n1,2\n", 6),
    ],
)
def test_size_line_is_recognised_and_isolated_nodes_are_kept(write: Write, text: str, n_nodes: int) -> None:
    graph = read_graph(write(text))
    first_id = min(int(name) for name in graph.names)
    assert graph.names == tuple(str(k) for k in range(first_id, first_id + n_nodes))
    assert any(note.startswith("first line read as 'n m'") for note in graph.notes)


@pytest.mark.parametrize(
    ("text", "n_arcs"),
    [
        ("0 1\n", 1),
        ("0 1\n1 2\n", 2),
        ("2 1\n1 0\n", 2),
        ("5 4\n4 3\n3 2\n2 1\n1 0\n", 5),  # falls throughout, although 4 lines follow and their ids are below 5
        ("10 9\n9 2\n", 2),
        ("3 2\n0 1\n1 3\n", 3),  # 3 is an id of another line
        ("4 3\n0 1\n1 2\n", 3),  # two lines follow, not three
        ("5 4\n5 1\n5 2\n5 3\n1 2\n", 5),  # ids from 1 to 5, and 4 lines follow
        ("1000 3\n1 2\n2 3\n3 1\n0 1\n", 5),
    ],
)
def test_ordinary_first_edge_is_not_taken_for_the_size(write: Write, text: str, n_arcs: int) -> None:
    assert len(read_graph(write(text)).sources) == n_arcs


def test_an_edge_that_looks_like_the_size_is_mentioned(write: Write) -> None:
    graph = read_graph(write("5 4\n4 3\n3 2\n2 1\n1 0\n"))
    assert graph.notes == ("first line '5 4' read as an edge and not as 'n m', though 4 lines follow",)


def test_size_line_that_does_not_fit_is_an_error(write: Write) -> None:
    error = fault(write("4 7\n1 2 0.5\n2 3 0.5\n"))
    assert (error.row, error.value) == (1, "4 7")
    assert "m = 2" in (error.expected or "")
    assert fault(write("2 2\n0 1 0.5\n1 2 0.5\n")).row == 1


@pytest.mark.parametrize("header", ["src,dst", "Source,Target", "from,to", "from_id,to_id", "node_1,node_2"])
def test_known_header_before_names(write: Write, header: str) -> None:
    assert arcs(read_graph(write(f"{header}\nanna,bob\n"))) == [("anna", "bob")]


def test_unknown_words_are_a_header_only_before_numbers(write: Write) -> None:
    assert arcs(read_graph(write("x,y\n1,2\n3,4\n"))) == [("1", "2"), ("3", "4")]
    assert arcs(read_graph(write("x,y\na,b\n"))) == [("a", "b"), ("x", "y")]
    late = "x,y\n" + "1,2\n" * 300 + "".join(f"name{k},name{k + 1}\n" for k in range(300))
    assert ("x", "y") in arcs(read_graph(write(late)))


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row", "value"),
    [
        ("1,2\n3\n", 2, "3"),
        ("# c\n\n1,2\n3,4\n5,6,7\n", 5, "3 columns"),
        ("1,2,0.5\n2,3\n", 2, "2 columns"),
        ("1,2,0.5\n2,3,x\n", 2, "x"),
        ("1,2,0.5\n2,3,\n", 2, ""),
        ("1,2,0.5\n2,3,nan\n", 2, "nan"),
        ("1,2,0.5\n2,3,inf\n", 2, "inf"),
        ("1,2\n2,abc\n", 2, "abc"),
        ("1,2\n3,4\nTotal,2\n", 3, "Total"),
        ("anna,5\n1,2\n3,4\n", 1, "anna"),
        ("1.5,2.5\n2,3\n", 1, "1.5"),
        ("1,2\n2,3.0\n", 2, "3.0"),
        ("anna,bob\n,cleo\n", 2, None),
        ("anna,bob\ncleo,  \n", 2, None),
        ("src,dst\n1,2,3\n2,3,4\n", 1, "2 columns"),
        ('anna,bob\n"cleo,dan\neve,bob\n', 2, '"cleo,dan'),
        ('anna,"bob\ncleo",dan\n', 1, 'anna,"bob'),
        ('a"b,"c\nd,"e\n', 1, 'a"b,"c'),
        ("anna\tbob\n\t\nbob\tcleo\n", 2, None),
        ("a,b,x\n" * 300 + "a,c\n", 301, "2 columns"),
        ("hello\nworld\n", 1, "hello"),
    ],
)
def test_faulty_line_is_named(write: Write, text: str, row: int, value: object) -> None:
    error = fault(write(text))
    assert (error.row, error.value) == (row, value)


@pytest.mark.parametrize(
    ("bad", "value"),
    [("7", "7"), ("7,8,9", "3 columns"), ("7,x", "x"), ("7,", None), (",7", None), ("7,2.5", "2.5")],
)
@pytest.mark.parametrize("before", [0, 10, 1000])
def test_faulty_line_is_found_anywhere(write: Write, bad: str, value: object, before: int) -> None:
    good = "".join(f"{k},{k + 1}\n" for k in range(before + 3))
    error = fault(write(f"src,dst\n# comment\n{good}{bad}\n1,5\n"))
    assert (error.row, error.value) == (before + 6, value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no edges"),
        ("# only\n% comments", "no edges"),
        ("\n \n", "no edges"),
        ("src,dst\n", "only a header"),
        ("1,1\n2,2\n", "self-loops"),
        (b"PK\x03\x04\x00\x00rest", "binary"),
        ("1,2\n".encode("utf-16"), "UTF-8"),
        ("anna,bob\nJos\xe9,bob\n".encode("latin-1"), "UTF-8"),
        ("<?xml version='1.0'?>\n<graphml/>\n", "not an edge list"),
        ('{"nodes": []}\n', "not an edge list"),
        ("%%MatrixMarket matrix\n3 3 1\n1 2 1\n", "not an edge list"),
        (gzip.compress(b"1,2\n" * 1000, mtime=0)[:40], "cannot be read"),
        (b"\x1f\x8bnonsense", "cannot be read"),
    ],
)
def test_file_that_is_no_edge_list(write: Write, content: str | bytes, message: str) -> None:
    assert message in fault(write(content)).message


@pytest.mark.parametrize("name", ["a.gexf", "a.gexf.gz", "a.xlsx", "a.parquet", "a.mtx"])
def test_other_forms_are_refused_and_the_known_ones_named(write: Write, name: str) -> None:
    error = fault(write("1,2\n", name))
    assert ".csv" in (error.expected or "")
    assert ".graphml" in (error.expected or "")
    assert "networkx" in (error.expected or "")


def test_missing_file_and_folder(write: Write, tmp_path: Path) -> None:
    write("1,2\n", "friends.csv")
    assert fault(tmp_path / "freinds.csv").nearest == "friends.csv"
    assert fault(tmp_path / "absent" / "a.csv").message == "no such file"
    assert fault(tmp_path).message == "is a folder"
    assert fault(tmp_path / ("a" * 300)).message.startswith("cannot be read")


def test_more_arcs_than_allowed(write: Write) -> None:
    path = write("1,2\n2,3\n2,3\n")
    assert len(read_graph(path, max_arcs=2).sources) == 2
    error = fault(path, max_arcs=1)
    assert (error.value, error.expected) == (2, "at most 1")


# --- GraphML -----------------------------------------------------------------------------------------------


def graphml(graph: nx.Graph) -> str:
    """What networkx writes."""
    return "\n".join(nx.generate_graphml(graph))


def friends(kind: type[nx.Graph] = nx.DiGraph) -> nx.Graph:
    graph = kind()
    graph.add_node("anna", niche="food", region="us", label="Anna")
    graph.add_node("ben", niche="beauty")
    graph.add_node("cleo")
    graph.add_edge("ben", "anna", weight=0.5, trust=1)
    graph.add_edge("cleo", "ben", weight=0.25, trust=2)
    return graph


RAW = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="w" for="edge" attr.name="weight" attr.type="double"><default>0.5</default></key>
<key id="n" for="node" attr.name="niche" attr.type="string"/>
<graph edgedefault="directed">
<node id="a"><data key="n">food</data></node><node id="b"/>
<edge source="a" target="b"><data key="w">0.25</data></edge>
<edge source="b" target="a"/>
</graph></graphml>"""


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", ["a.graphml", "a.graphml.gz", "A.GraphML"])
def test_graphml_is_read_with_the_direction_of_the_file(write: Write, name: str, zipped: bool) -> None:
    content = graphml(friends()).encode()
    graph = read_graph(write(gzip.compress(content, mtime=0) if zipped else content, name))
    assert graph.names == ("anna", "ben", "cleo")
    assert arcs(graph) == [("ben", "anna"), ("cleo", "ben")]
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.5, 0.25]
    assert graph.places == {"niche": ("food", "beauty", ""), "region": ("us", "", "")}
    assert graph.notes == (
        "weights read from edge attribute weight",
        "edge attribute left out: trust",
        "niche read from the attribute of 2 nodes",
        "region read from the attribute of 1 node",
        "nodes are named by their ids, not by their label",
    )


def test_undirected_graphml_goes_both_ways_and_directed_if_asked(write: Write) -> None:
    both = [("anna", "ben"), ("ben", "anna"), ("ben", "cleo"), ("cleo", "ben")]
    undirected = write(graphml(friends(nx.Graph)), "u.graphml")
    graph = read_graph(undirected, reverse=True)
    assert arcs(graph) == both
    assert graph.notes[-2:] == (
        "edges are undirected: each carries influence both ways",
        "reverse changes nothing in an undirected graph",
    )
    directed = write(graphml(friends()), "d.graphml")
    assert arcs(read_graph(directed, directed=False)) == both
    assert arcs(read_graph(directed, reverse=True)) == [("anna", "ben"), ("ben", "cleo")]


def test_graphml_weights_by_name_and_by_default(write: Write) -> None:
    path = write(graphml(friends()), "a.graphml")
    assert read_graph(path, weight_column="trust").weights.tolist() == [1, 2]  # type: ignore[union-attr]
    error = fault(path, weight_column="trusst")
    assert (error.key, error.value, error.nearest) == ("weight column", "trusst", "trust")
    filled = read_graph(write(RAW, "raw.graphml"))
    assert filled.weights is not None
    assert filled.weights.tolist() == [0.25, 0.5]
    assert filled.places == {"niche": ("food", "")}


def test_graphml_duplicates_and_self_loops_are_removed_and_counted(write: Write) -> None:
    twice = RAW.replace("</graph>", '<edge source="a" target="b"/><edge source="b" target="b"/></graph>')
    graph = read_graph(write(twice, "a.graphml"))
    assert arcs(graph) == [("a", "b"), ("b", "a")]
    assert (graph.n_duplicates, graph.n_self_loops) == (1, 1)
    assert graph.notes[-2:] == ("1 self-loop removed", "1 duplicate edge removed, the first weight kept")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("src,dst\n1,2\n", "is not XML"),
        (b"\x00\x01\x02", "is not XML"),
        (RAW[:-30], "is not XML"),
        ("<html></html>", "is not GraphML"),
        ("<graphml></graphml>", "is not GraphML"),
        (RAW.replace('key="w"', 'key="x"'), "is not GraphML"),
        (RAW.replace('"double"', '"number"'), "is not GraphML"),
        (RAW.replace("0.25", "often"), "is not GraphML"),
        (RAW.replace("0.25", "nan"), "not a finite number"),
        (RAW.replace("<default>0.5</default>", "<default/>"), "is not GraphML"),
        (RAW.replace(' target="a"', ""), "no id"),
        (RAW.replace('<node id="b"/>', "<node/>"), "no id"),
        (RAW.replace("<edge ", '<edge directed="false" '), "is not GraphML"),
        (RAW.replace("edge", "wedge"), "no edges"),
    ],
)
def test_graphml_that_cannot_be_read(write: Write, content: str | bytes, message: str) -> None:
    assert message in fault(write(content, "a.graphml")).message


def test_a_weight_that_only_some_edges_have_is_refused_if_asked_for(write: Write) -> None:
    path = write(RAW.replace("<default>0.5</default>", ""), "a.graphml")
    assert read_graph(path).weights is None
    error = fault(path, weight_column="weight")
    assert (error.key, error.value) == ("edge attribute weight", "missing")
    assert "edge from b to a" in error.message


@given(st.binary(max_size=60), st.integers(0, len(RAW)))
def test_any_graphml_gives_a_graph_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.graphml"
    path.write_bytes(RAW[:at].encode() + content + RAW[at + len(content) :].encode())
    try:
        graph = read_graph(path)
    except InputError:
        return
    assert len(graph.sources) == len(graph.targets) > 0


# --- niches and regions of nodes -----------------------------------------------------------------------------


def places_of(graph: ImportedGraph, seed: int = 1) -> list[list[int]]:
    """Niche and region of each person of a society on the graph."""
    niches, regions = ["food", "beauty", "sport"], ["us", "eu", "asia"]
    society = society_from_arcs(
        graph.names, graph.sources, graph.targets, 3, 3, Rates(), seed,
        place_numbers(graph, "niche", niches), place_numbers(graph, "region", regions),
    )  # fmt: skip
    return [society.niche.tolist(), society.region.tolist()]


def ring(named: int = 0) -> nx.DiGraph:
    """60 nodes in a ring, the first ``named`` with niche sport and region EU."""
    graph = nx.cycle_graph(60, create_using=nx.DiGraph)
    nx.set_node_attributes(graph, {k: {"niche": "sport", "region": " EU "} for k in range(named)})
    return graph


def test_nodes_with_a_niche_keep_it_and_the_others_draw_theirs_as_before() -> None:
    dealt = places_of(from_networkx(ring()))
    for number, drawn, found in zip((2, 1), dealt, places_of(from_networkx(ring(20))), strict=True):
        assert found == [number] * 20 + drawn[20:]
        assert drawn[:20] != [number] * 20
    assert places_of(from_networkx(ring(60))) == [[2] * 60, [1] * 60]
    assert places_of(from_networkx(ring()), 2) != dealt


def test_a_niche_that_the_market_does_not_have_is_an_error() -> None:
    graph = from_networkx(ring(3))
    assert place_numbers(from_networkx(ring()), "niche", ["food"]) is None
    with pytest.raises(InputError) as caught:
        place_numbers(graph, "niche", ["food", "sports"], Path("net.graphml"))
    error = caught.value
    assert (error.file, error.key, error.value) == ("net.graphml", "node attribute niche", "sport")
    assert (error.expected, error.nearest) == ("one of market.niches: food, sports", "sports")


# --- networkx ----------------------------------------------------------------------------------------------


def test_from_networkx_graph_goes_both_ways() -> None:
    graph = from_networkx(nx.karate_club_graph())
    assert len(graph.names) == 34
    assert len(graph.sources) == 156
    assert graph.names[:3] == ("0", "1", "2")
    assert graph.weights is not None
    pairs = set(arcs(graph))
    assert all((b, a) in pairs for a, b in pairs)


def test_from_networkx_digraph_keeps_direction_and_isolated_nodes() -> None:
    source = nx.DiGraph([("b", "a"), ("a", "c"), ("c", "c")])
    source.add_node("d")
    graph = from_networkx(source)
    assert graph.names == ("a", "b", "c", "d")
    assert arcs(graph) == [("a", "c"), ("b", "a")]
    assert (graph.n_self_loops, graph.weights) == (1, None)


def test_from_networkx_multigraph_counts_parallel_edges() -> None:
    graph = from_networkx(nx.MultiGraph([(1, 2), (2, 1), (2, 3)]))
    assert (len(graph.sources), graph.n_duplicates) == (4, 1)
    directed = from_networkx(nx.MultiDiGraph([(1, 2), (2, 1), (1, 2)]))
    assert (len(directed.sources), directed.n_duplicates) == (2, 1)


def test_from_networkx_reads_weights_that_all_edges_have() -> None:
    source = nx.DiGraph()
    source.add_edge(0, 1, p=0.5, weight=3)
    source.add_edge(1, 2, p=0.25)
    graph = from_networkx(source)
    assert graph.weights is not None
    assert graph.weights.tolist() == [0.5, 0.25]
    assert graph.notes == (
        "edge attribute weight left out: 1 of 2 edges have it",
        "weights read from edge attribute p",
    )


@pytest.mark.parametrize("weight", ["heavy", float("nan"), None])
def test_from_networkx_refuses_weights_that_are_no_numbers(weight: object) -> None:
    source = nx.Graph()
    source.add_edge(0, 1, weight=weight)
    with pytest.raises(InputError, match="finite number"):
        from_networkx(source)


def test_from_networkx_refuses_what_has_no_edges_or_equal_names() -> None:
    with pytest.raises(InputError, match="no edges"):
        from_networkx(nx.Graph())
    with pytest.raises(InputError, match="no edges"):
        from_networkx(nx.DiGraph([(1, 1)]))
    with pytest.raises(InputError, match="same name"):
        from_networkx(nx.Graph([(1, "1")]))


# --- properties --------------------------------------------------------------------------------------------

NUMBERS = st.integers(-50, 50).map(str)
NAMES = st.text("abcdefgž_", min_size=1, max_size=4)
EDGES = st.one_of(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=40),
    st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=40),
).filter(lambda edges: any(a != b for a, b in edges))


@given(EDGES, st.randoms(use_true_random=False), st.sampled_from([",", ";", "\t", " "]))
def test_order_of_lines_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[str, str]], luck: object, delimiter: str
) -> None:
    folder = tmp_path_factory.mktemp("edges")
    shuffled = list(edges)
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    graphs = []
    for k, rows in enumerate([edges, shuffled]):
        path = folder / f"{k}.txt"
        path.write_text("src,dst\n".replace(",", delimiter) + "".join(f"{a}{delimiter}{b}\n" for a, b in rows))
        graphs.append(read_graph(path))
    first, second = graphs
    assert first.names == second.names
    assert set(arcs(first)) == {(a, b) for a, b in edges if a != b}
    assert np.array_equal(first.sources, second.sources)
    assert np.array_equal(first.targets, second.targets)
    assert first.n_self_loops + first.n_duplicates + len(first.sources) == len(edges)
    keys = first.sources.astype(np.int64) * len(first.names) + first.targets
    assert np.all(np.diff(keys) > 0)


@given(EDGES, st.booleans())
def test_file_and_networkx_give_the_same_graph(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[str, str]], directed: bool
) -> None:
    path = tmp_path_factory.mktemp("edges") / "edges.csv"
    path.write_text("src,dst\n" + "".join(f"{a},{b}\n" for a, b in edges))
    read = read_graph(path, directed=directed)
    built = from_networkx((nx.MultiDiGraph if directed else nx.MultiGraph)(edges))
    assert read.names == built.names
    assert arcs(read) == arcs(built)
    assert (read.n_self_loops, read.n_duplicates) == (built.n_self_loops, built.n_duplicates)


@given(st.binary(max_size=200) | st.text("0123456789ab,;\t \n\"#%.-<{'\r", max_size=120).map(str.encode))
def test_any_file_gives_a_graph_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.txt"
    path.write_bytes(content)
    try:
        graph = read_graph(path)
    except InputError:
        return
    assert len(graph.sources) == len(graph.targets) > 0
    assert graph.targets.max() < len(graph.names)


# --- real graphs -------------------------------------------------------------------------------------------


def shared(name: str) -> Path:
    """A file of real data beside the project; the test is skipped where there is none."""
    if not (DATA / name).exists():
        pytest.skip(f"real data not at hand: {name}")
    return DATA / name


def test_brand_followers() -> None:
    graph = read_graph(shared("twitter_brand_followers.csv.gz"))
    assert (len(graph.names), len(graph.sources)) == (3726, 23939)
    assert graph.notes == ("header line skipped: src,dst",)
    pairs = set(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True))
    assert sum((b, a) in pairs for a, b in pairs) / len(pairs) == pytest.approx(0.377, abs=5e-4)


def test_twitch_friendships_go_both_ways() -> None:
    graph = read_graph(shared("twitch_DE_edges.csv.gz"), directed=False)
    assert (len(graph.names), len(graph.sources)) == (9498, 2 * 153138)
    assert graph.n_duplicates == 0


def test_nethept_has_a_size_line_and_weights_of_one_over_in_degree() -> None:
    """32,235 lines of which 22 are self-loops; p is 1/in-degree counted with these."""
    graph = read_graph(shared("nethept_weighted_cascade.txt.gz"))
    assert (len(graph.names), len(graph.sources), graph.n_self_loops) == (15233, 32213, 22)
    assert "first line read as 'n m': 15233 nodes, 32235 edges" in graph.notes
    assert graph.weights is not None
    in_degree = np.bincount(graph.targets, minlength=15233)
    close = np.abs(graph.weights - 1 / in_degree[graph.targets]) < 1e-6
    assert np.mean(close) > 0.99
