"""The replay: who is shown, what was in their heads, and what the page, the film and the command make of it."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.animation import FFMpegWriter
from PIL import Image

import sim
from sim import rules
from sim.record import EVENT_FIELDS, Event
from sim.results.settings import question_digest
from sim.results.summary import summary, to_json
from sim.scenario.settings import load_settings
from sim.studies.replay import MOST_SHOWN, Replay, replay
from sim.studies.replay_sample import LARGEST, choose, communities
from sim.views.replay.data import FEELS, FIGURES, NOTHING, replay_data, shown_figures, whole_figures
from sim.views.replay.film import replay_gif, replay_mp4
from sim.views.replay.layout import follows_shown, layout, packed
from sim.views.replay.page import ReplayPage, replay_html, shown_text
from sim.views.resolved import scenario_toml

SAMPLES = Path(__file__).parents[1] / "samples"
SMALL = str(SAMPLES / "small.toml")
Influence = Callable[..., Any]


@pytest.fixture(scope="module")
def everything() -> Replay:
    """A world in which every mechanism is at work, all of it shown."""
    return replay(sim.load(SAMPLES / "everything.toml", days=7))


@pytest.fixture(scope="module")
def part() -> Replay:
    """Fewer people shown than there are."""
    return replay(sim.load(SAMPLES / "everything.toml", days=7), most=600)


@pytest.fixture(scope="module")
def on_a_graph(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """A given graph, with one of its nodes as the creator."""
    folder, rng = tmp_path_factory.mktemp("graph"), np.random.default_rng(1)
    arcs = {(f"n{a}", f"n{b}") for a, b in rng.integers(0, 400, (1500, 2)) if a != b} | {
        ("star", f"n{k}") for k in range(120)
    }
    (folder / "edges.csv").write_text("src,dst\n" + "".join(f"{a},{b}\n" for a, b in sorted(arcs)))
    (folder / "scenario.toml").write_text(
        'schema = 1\ncreator = [{ handle = "star", followers = 120 }]\n'
        '[society]\ngraph = "edges.csv"\n[run]\ndays = 4\nreplicates = 1\n'
        '[parameters]\nshare_rate = 0.2\n[[plan]]\nname = "one"\ndeals = [{ creator = "star", posts = 2, every = 1, '
        "fee = 5 }]\n"
    )
    return replay(sim.load(folder / "scenario.toml"), most=100)


# --- what was in their heads -------------------------------------------------------------------------------


def test_chances_over_everybody_are_the_expected_orders_of_the_run(everything: Replay) -> None:
    for played in everything.plans:
        total = np.sum([mind.chance for mind in played.minds], axis=0)
        assert total.tolist() == played.run.daily["conversions_expected"].tolist()


def test_attitudes_over_everybody_are_those_of_the_run(everything: Replay) -> None:
    days, memory = everything.scenario.run.days, everything.scenario.rates.attitude_memory
    for played in everything.plans:
        ends = [mind.attitude[-1] for mind in played.minds if mind.attitude]
        assert sum(rules.fixed(rules.faded(a, memory, days - day)) for day, a in ends) == played.run.attitude_sum


def test_the_chance_alone_is_that_of_somebody_who_saw_nothing(everything: Replay) -> None:
    for played in everything.plans:
        quiet = [mind for mind in played.minds if not mind.attitude and mind.alone]
        assert quiet
        assert all(set(mind.chance.tolist()) <= {mind.alone, 0} for mind in quiet)


# --- who is shown ------------------------------------------------------------------------------------------


def test_events_shown_are_those_that_a_run_records_of_these_people(part: Replay) -> None:
    for played in part.plans:
        alone = sim.run(part.scenario, played.name, record=part.shown.people.tolist())
        assert played.events.tobytes() == alone.events.tobytes()
        assert len(played.events) > 100


def test_the_same_people_and_bytes_twice_and_in_both_engines() -> None:
    scenario = sim.load(SAMPLES / "everything.toml", days=6)
    engines = ("kernel", "kernel", "agents")
    assert len({replay_html(replay(scenario, most=300, engine=engine)) for engine in engines}) == 1


def test_communities_are_shown_whole_but_for_the_last_two(part: Replay) -> None:
    group = part.world.society.group
    assert len(part.shown.people) == 600 == len(set(part.shown.people.tolist()))
    assert part.shown.n_by_lot == 300
    size, here = Counter(group.tolist()), Counter(group[part.shown.people].tolist())
    assert sum(size[number] > count for number, count in here.items()) <= 2


def test_ties_among_the_shown_are_kept(part: Replay) -> None:
    society, people = part.world.society, part.shown.people.tolist()
    place = {person: at for at, person in enumerate(people)}
    expected = {(place[int(f)], place[p]) for p in people for f in society.followers_of(p) if int(f) in place}
    start, to = follows_shown(part)
    found = {(at, int(other)) for at in range(len(people)) for other in to[start[at] : start[at + 1]]}
    assert found == expected
    assert len(found) > len(people)


def events(*rows: tuple[int, int, Event]) -> np.ndarray:
    """(day, person, kind)."""
    made = np.zeros(len(rows), dtype=EVENT_FIELDS)
    for at, (day, person, kind) in enumerate(rows):
        made[at]["day"], made[at]["person"], made[at]["kind"] = day, person, int(kind)
    return made


def test_the_second_half_is_where_most_bought_after_seeing() -> None:
    community = np.repeat(np.arange(20), 10)
    rows = events((0, 5, Event.BUY), (3, 5, Event.SEE), *((0, p, Event.SEE) for p in range(180, 190)),
                  *((1, p, Event.SHARE) for p in range(180, 190)), (2, 71, Event.SEE), (2, 71, Event.BUY))  # fmt: skip
    for key in "abcdef":
        shown, without = choose(community, [rows], 40, key), choose(community, [], 40, key)
        by_lot = [set(s.people[s.by_lot[s.community]].tolist()) for s in (shown, without)]
        assert by_lot[0] == by_lot[1]
        busy = set((shown.people[~shown.by_lot[shown.community]] // 10).tolist())
        assert {7, 18} <= busy | {person // 10 for person in by_lot[0]}
        assert len(shown.people) == 40


def test_every_community_has_the_same_chance_of_the_lot() -> None:
    community, drawn = np.repeat(np.arange(10), 10), Counter[int]()
    for key in range(400):
        shown = choose(community, [], 40, str(key))
        drawn.update(set((shown.people[shown.by_lot[shown.community]] // 10).tolist()))
    assert sum(drawn.values()) == 800
    assert all(abs(drawn[number] - 80) < 4 * (400 * 0.2 * 0.8) ** 0.5 for number in range(10))


def test_neighbourhoods_of_a_graph_are_followers_of_one_person(on_a_graph: Replay) -> None:
    society = on_a_graph.world.society
    of = communities(society, "key")
    assert of.min() == 0
    sizes = np.bincount(of)
    assert 1 < sizes.max() <= LARGEST
    for number in range(len(sizes)):
        members = set(np.flatnonzero(of == number).tolist())
        assert any(members - {one} <= set(society.followers_of(one).tolist()) for one in members)
    assert len(on_a_graph.shown.people) == 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"most": MOST_SHOWN + 1}, "most: cannot show so many people .* 1 to 5,000"),
        ({"most": 0}, "most: cannot show"),
        ({"replicate": 4}, "replicate: no such replicate .* 0 to 3"),
        ({"plans": ["one-bog"]}, "no such plan .* did you mean 'one-big'"),
        ({"plans": ["none", "one-big", "three-small"]}, "plans: not one or two plans"),
        ({"plans": []}, "plans: not one or two plans"),
    ],
)
def test_what_cannot_be_shown_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(sim.InputError, match=message):
        sim.replay(SMALL, **options)


# --- where they stand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("radii", [[1.0], [3.0, 1.0, 1.0, 2.0], [5.0, *([1.0] * 150)], list(range(1, 80))])
def test_discs_do_not_overlap(radii: list[float]) -> None:
    sizes = np.array(radii, dtype=float)
    centres = packed(sizes)
    apart = np.hypot(*(centres[:, None, :] - centres[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert (apart >= sizes[:, None] + sizes - 1e-9).all()
    outer = (np.hypot(*centres.T) + sizes).max()
    assert (sizes**2).sum() / outer**2 > (0.99 if len(radii) == 1 else 0.3)


def test_people_stand_apart_and_within_the_square(part: Replay) -> None:
    placed = layout(part)
    assert placed.people.min() >= 0.0
    assert placed.people.max() <= 1.0
    inside = np.hypot(*(placed.people[:, None, :] - placed.discs[None, :, :2]).transpose(2, 0, 1)) <= placed.discs[:, 2]
    assert (inside.sum(axis=1) == 1).all()
    apart = np.hypot(*(placed.people[:, None, :] - placed.people[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, 1.0)
    assert apart.min() > 0.4 / 600**0.5 * 0.5


# --- the page ----------------------------------------------------------------------------------------------


def column(text: str, kind: str) -> list[Any]:
    return list(np.frombuffer(base64.b64decode(text), dtype=kind).tolist())


def test_the_page_carries_every_event_and_attitude(part: Replay) -> None:
    data = json.loads(json.dumps(replay_data(part)))
    people = column(data["id"], "<u4")
    assert people == part.shown.people.tolist()
    for plan, played in zip(data["plans"], part.plans, strict=True):
        kinds = {"day": "<u2", "person": "<u2", "kind": "<u1", "shower": "<u4", "value": "<u2"}
        rows = list(zip(*(column(plan["events"][name], kind) for name, kind in kinds.items()), strict=True))
        kept = Counter((d, people[p], kind, shower) for d, p, kind, shower, _ in rows if kind != FEELS)
        assert kept == Counter(
            (int(e["day"]), int(e["person"]), int(e["kind"]), int(e["shower"])) for e in played.events
        )
        felt = {(d, p): value / NOTHING for d, p, kind, _, value in rows if kind == FEELS}
        known = {(day, at): a for at, mind in enumerate(played.minds) for day, a in mind.attitude}
        assert felt.keys() == known.keys()
        assert all(abs(felt[key] - known[key]) < 1e-5 for key in known)


def test_figures_of_the_whole_run_and_of_the_shown(everything: Replay, part: Replay) -> None:
    for played in everything.plans:
        run, (whole, here) = played.run, (whole_figures(played.run), shown_figures(played))
        assert whole["reached"].sum() == run.by_niche["reach"].sum() * run.people_per_agent
        assert whole["orders"].sum() == run.by_niche["conversions_drawn"].sum() * run.people_per_agent
        assert all((whole[name] == here[name] * run.people_per_agent).all() for name in FIGURES)
    for played in part.plans:
        whole, here = whole_figures(played.run), shown_figures(played)
        assert all(0 < here[name].sum() * played.run.people_per_agent < whole[name].sum() for name in FIGURES)


def test_the_page_says_what_it_shows_and_asks_for_nothing(part: Replay) -> None:
    html = replay_html(part)
    assert "600 of 2,000 people are shown" in html
    assert "300 in communities drawn by lot" in html
    assert not re.findall(r"""(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}|(?:src|href)=["'](?!#|data:)""", html)
    assert len(html) < 3_000_000
    for played in part.plans:
        assert html.count(f"<summary>{played.name}</summary>") == 1
        assert f"With {played.name}" not in html  # said by the script, of the person chosen


def test_names_that_are_html_are_told_as_they_are(on_a_graph: Replay) -> None:
    named = replace(on_a_graph.scenario, name="</script><script>alert(1)</script>")
    html = replay_html(replace(on_a_graph, scenario=named))
    assert "<script>alert" not in html
    assert "&lt;/script&gt;" in html


def test_a_graph_has_names_and_may_have_one_plan(on_a_graph: Replay) -> None:
    data = replay_data(on_a_graph)
    assert [plan["name"] for plan in data["plans"]] == ["one"]
    assert all(data["names"][str(person)] == on_a_graph.world.society.names[person]
               for person in on_a_graph.shown.people.tolist())  # fmt: skip
    assert "neighbourhoods of the given graph" in shown_text(on_a_graph)
    assert "1 plan" not in replay_html(on_a_graph)


def test_a_notebook_shows_the_page_and_a_file_keeps_it(tmp_path: Path) -> None:
    shown = sim.replay(SMALL, "run.days=2", plans=["one-big"], most=50)
    assert isinstance(shown, ReplayPage)
    path = shown.save(tmp_path / "page.html")
    inside = re.search(r'srcdoc="([^"]*)"', shown._repr_html_())
    assert inside is not None
    assert unescape(inside[1]) == path.read_text(encoding="utf-8") == replay_html(shown)


# --- the film ----------------------------------------------------------------------------------------------


def test_the_film_has_a_frame_a_day_and_changes(tmp_path: Path) -> None:
    shown = replay(sim.load(SMALL, days=2), ["one-big"], most=60)
    paths = [replay_gif(shown, tmp_path / name) for name in ("a.gif", "b.gif")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with Image.open(paths[0]) as film:
        frames = []
        for number in range(film.n_frames):
            film.seek(number)
            frames.append(film.convert("RGB").tobytes())
    assert len(frames) == 2 == len(set(frames))


@pytest.mark.full
def test_an_mp4_has_a_frame_a_day(tmp_path: Path) -> None:
    probe = shutil.which("ffprobe")
    if probe is None:
        pytest.skip("ffmpeg is not installed: no film as MP4")
    path = replay_mp4(replay(sim.load(SMALL, days=5), ["one-big"], most=60), tmp_path / "a.mp4")
    words = [probe, "-v", "error", "-count_frames", "-show_entries", "stream=codec_type,nb_read_frames,r_frame_rate",
             "-of", "json", str(path)]  # fmt: skip
    told = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    (stream,) = told["streams"]
    assert (stream["codec_type"], int(stream["nb_read_frames"]), stream["r_frame_rate"]) == ("video", 5, "4/1")


def test_without_ffmpeg_an_mp4_is_refused(everything: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FFMpegWriter, "isAvailable", lambda: False)
    with pytest.raises(sim.InputError, match=r"--mp4: needs the program ffmpeg.*--gif"):
        replay_mp4(everything, tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished comparison, to be copied."""
    folder = tmp_path_factory.mktemp("done")
    settings = load_settings(SMALL, days=2, replicates=2, worlds=1)
    comparison = sim.compare(settings[0].scenario)
    (folder / "scenario.toml").write_text(scenario_toml(comparison.question), encoding="utf-8")
    (folder / "summary.json").write_text(to_json(summary(comparison)), encoding="utf-8")
    (folder / "digest").write_text(question_digest(settings, None))
    return folder


@pytest.fixture
def folder(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "results"))


def test_the_command_writes_the_page_that_python_makes(influence: Influence, folder: Path) -> None:
    answer = influence("replay", str(folder), "--json", "--quiet", "--most", "70", "--plans", "one-big,three-small")
    assert (answer.code, answer.err) == (0, "")
    told, page = answer.json(), (folder / "replay.html").read_text(encoding="utf-8")
    assert told["files"] == [str(folder / "replay.html")]
    assert [plan["plan"] for plan in told["plans"]] == ["one-big", "three-small"]
    assert (told["people"], told["people_shown"], told["people_shown_by_lot"]) == (2000, 70, 35)
    assert told["digest"] in page
    unmarked = re.sub(r'<meta name="question".*\n', "", page)
    assert unmarked == replay_html(sim.replay(folder, plans=["one-big", "three-small"], most=70))


def test_another_replay_is_not_written_over(influence: Influence, folder: Path) -> None:
    words = ("replay", str(folder), "--most", "50", "--quiet")
    assert influence(*words).code == 0
    first = (folder / "replay.html").read_bytes()
    assert influence(*words).code == 0
    other = influence(*words, "--replicate", "1")
    assert other.code == 2
    assert "there is another replay already" in other.err
    assert (folder / "replay.html").read_bytes() == first
    assert influence(*words, "--replicate", "1", "--overwrite").code == 0
    assert (folder / "replay.html").read_bytes() != first


def test_of_several_settings_one_is_shown(influence: Influence, tmp_path: Path) -> None:
    scenario, folder = tmp_path / "dear.toml", str(tmp_path / "dear")
    scenario.write_text(
        Path(SMALL).read_text(encoding="utf-8")
        + '[[setting]]\nname = "cheap"\n[[setting]]\nname = "dear"\nset = {"product.price" = 400.0}\n'
    )
    sizes = ("--days", "2", "--replicates", "1", "--worlds", "1", "--workers", "1")
    assert influence("compare", str(scenario), *sizes, "--out", folder, "--quiet").code == 0
    words = ("replay", folder, "--most", "20", "--out", "-")
    first = influence(*words)
    assert "of 2 settings the first, cheap, is shown; --setting shows another" in first.err
    told = [influence(*words, "--json", "--quiet", *more).json() for more in ((), ("--setting", "dear"))]
    assert [one["setting"] for one in told] == ["cheap", "dear"]
    assert told[0]["digest"] != told[1]["digest"]
    other = influence(*words, "--setting", "deer")
    assert (other.code, "did you mean 'dear'" in other.err) == (2, True)
    shown = [sim.replay(where, plans=["one-big"], most=20, setting="dear") for where in (folder, scenario)]
    assert [one.scenario.product.price for one in shown] == [400.0, 400.0]
    assert "dear: replay of one-big" in replay_html(shown[0])
    with pytest.raises(ValueError, match="loaded already"):
        sim.replay(shown[0].scenario, setting="dear")


@pytest.mark.full
def test_elsewhere_or_nowhere(influence: Influence, folder: Path, tmp_path: Path) -> None:
    before = sorted(folder.iterdir())
    assert influence("replay", str(folder), "--out", "-", "--most", "20").code == 0
    away = tmp_path / "away"
    assert influence("replay", str(folder), "--out", str(away), "--most", "20", "--quiet").code == 0
    assert sorted(path.name for path in away.iterdir()) == ["digest", "replay.html"]
    refused = influence("replay", str(folder), "--out", str(away), "--most", "30", "--quiet")
    assert (refused.code, "another question" in refused.err) == (2, True)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--most", "5001"), "--most: cannot show so many people"),
        (("--replicate", "2"), "--replicate: no such replicate (got 2); expected 0 to 1"),
        (("--plans", "one-bog"), "did you mean 'one-big'"),
        (("--plans", "one-big,one-big"), "--plans: not one or two plans"),
        (("--engine", "fast"), "--engine: no such engine"),
        (("--setting", "tiktok"), "--setting: no such setting (got 'tiktok'); expected no setting"),
    ],
)
def test_bad_words_end_in_one_message(
    words: tuple[str, ...], message: str, influence: Influence, folder: Path
) -> None:  # fmt: skip
    answer = influence("replay", str(folder), *words)
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert not (folder / "replay.html").exists()


@pytest.mark.parametrize("missing", ["summary.json", "scenario.toml", "digest", "."])
def test_a_folder_that_is_not_finished_is_refused(missing: str, influence: Influence, folder: Path) -> None:
    words = str(folder / "nothing")
    if missing != ".":
        (folder / missing).unlink()
        words = str(folder)
    answer = influence("replay", words)
    assert answer.code == 2
    assert "a folder that `influence compare` has finished" in answer.err
