"""What is kept on disk: societies are built once and then mapped, to the byte; old things make room for new ones."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import cache
from sim.cache import machine_code, use_machine_code
from sim.engine.booking import make_campaign
from sim.engine.compiling import standard_kernel
from sim.engine.simulate import simulate
from sim.parameters import PARAMETERS, Rates
from sim.scenario.load import load
from sim.society import arcs, audiences, kept
from sim.society.kept import RATES, forget_societies, kept_societies, kept_society
from sim.society.society import Society, generate_society
from sim.society.world import build_world

SAMPLE = Path(__file__).parents[1] / "samples" / "small.toml"
SMALL = (2_000, 10.0, 3, 2, Rates())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for societies of any size; the loops come from the ordinary one."""
    arcs.compiled_loops(), audiences.compiled_loops(), standard_kernel()
    monkeypatch.setenv("INFLUENCE_SIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("INFLUENCE_SIM_CACHE_GIB", raising=False)
    monkeypatch.setattr(kept, "WORTH_KEEPING", 1)
    return tmp_path / "cache"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of the societies that have been built, in order."""
    seeds: list[int] = []

    def generate(*settings: Any) -> Society:
        seeds.append(settings[-1])
        return generate_society(*settings)

    monkeypatch.setattr(kept, "generate_society", generate)
    return seeds


def columns(society: Society) -> dict[str, bytes]:
    values = {field.name: getattr(society, field.name) for field in dataclasses.fields(society)}
    return {name: value.dtype.str.encode() + value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            for name, value in values.items()}  # fmt: skip


def use_at(society: kept.Kept, seconds: float) -> None:
    os.utime(society.folder / kept.ABOUT, (seconds, seconds))


# --- once built, then mapped -------------------------------------------------------------------------------


def test_a_society_is_built_once_and_then_mapped(folder: Path, built: list[int]) -> None:
    plain = generate_society(*SMALL, 5)
    for _ in range(3):
        society, digest = kept_society(*SMALL, 5)
        assert digest == plain.digest() == society.digest()
        assert columns(society) == columns(plain)
    assert built == [5]
    assert not society.activity.flags.owndata
    (one,) = kept_societies()
    assert (one.people, one.ties, one.folder.parent) == (2_000, plain.n_ties, folder / "societies")
    assert one.size == sum(path.stat().st_size for path in one.folder.iterdir())


@pytest.mark.usefixtures("folder")
def test_a_run_on_a_mapped_society_is_the_same(built: list[int]) -> None:
    scenario = load(SAMPLE)
    runs = []
    for _ in range(2):
        world = build_world(scenario)
        run = simulate(world, make_campaign(scenario, scenario.plans[1], world), scenario.rates, 1)
        runs.append({name: column.tobytes() for name, column in run.to_arrays().items()})
    assert runs[0] == runs[1]
    assert len(built) == 1


@pytest.mark.usefixtures("folder")
def test_nobody_can_change_what_is_kept() -> None:
    kept_society(*SMALL, 5)
    first, digest = kept_society(*SMALL, 5)
    first.activity[:] = 0.0
    again, _ = kept_society(*SMALL, 5)
    assert again.digest() == digest
    assert again.activity.any()


@pytest.mark.usefixtures("folder")
def test_a_small_society_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "WORTH_KEEPING", 20_001)
    kept_society(*SMALL, 5)
    assert not kept_societies()


# --- the key -----------------------------------------------------------------------------------------------


def test_every_rate_that_a_society_reads_is_in_the_key_and_no_other() -> None:
    read = set()

    class Recorded:
        def __getattr__(self, name: str) -> float:
            read.add(name)
            return float(getattr(Rates(), name))

    recorded: Any = Recorded()
    generate_society(2_000, 10.0, 3, 2, recorded, 5)
    assert read == set(RATES)
    assert len(RATES) == len(set(RATES))


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_key_changes_with_the_rates_of_a_society_only(name: str) -> None:
    p = PARAMETERS[name]
    other = dataclasses.replace(Rates(), **{name: p.low if p.low != p.default else p.high})
    assert (kept._name(*SMALL[:4], other, 5) != kept._name(*SMALL, 5)) == (name in RATES)


def test_the_key_changes_with_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: list[tuple[Any, ...]] = [(*SMALL, 5), (*SMALL, 6)]
    for place, value in enumerate((2_001, 10.5, 4, 3)):
        settings.append((*SMALL[:place], value, *SMALL[place + 1 :], 5))
    names = [kept._name(*one) for one in settings]
    monkeypatch.setattr(np, "__version__", "0")
    names.append(kept._name(*SMALL, 5))
    monkeypatch.setattr(kept, "SOURCES", kept.SOURCES[1:])
    names.append(kept._name(*SMALL, 5))
    assert len(set(names)) == len(settings) + 2


# --- room --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_the_society_not_used_for_longest_makes_room(built: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in (1, 2, 3):
        kept_society(*SMALL, seed)
        use_at(kept_societies()[0], seed)
    kept_society(*SMALL, 1)  # used again: now 2 has not been used for longest
    monkeypatch.setattr(kept, "LIMIT", int(3.5 * kept_societies()[0].size))
    kept_society(*SMALL, 4)
    assert sum(one.size for one in kept_societies()) <= kept.limit()
    assert built == [1, 2, 3, 4]
    for seed in (1, 3, 4):
        kept_society(*SMALL, seed)
    assert built == [1, 2, 3, 4]
    kept_society(*SMALL, 2)
    assert built == [1, 2, 3, 4, 2]


def test_a_limit_of_nothing_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFLUENCE_SIM_CACHE_GIB", "0")
    assert columns(kept_society(*SMALL, 5)[0]) == columns(generate_society(*SMALL, 5))
    assert not list((folder / "societies").iterdir())
    monkeypatch.setenv("INFLUENCE_SIM_CACHE_GIB", "much")
    assert kept.limit() == kept.LIMIT


def test_what_nobody_finished_writing_is_dropped(folder: Path) -> None:
    old, new = (folder / "societies" / f"{kept.PARTIAL}{name}" for name in ("old", "new"))
    for partial in (old, new):
        partial.mkdir(parents=True)
    os.utime(old, (1, 1))
    kept_society(*SMALL, 5)
    assert not old.exists()
    assert new.exists()
    assert len(kept_societies()) == 1


# --- damage ------------------------------------------------------------------------------------------------


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


DAMAGE: dict[str, Callable[[Path], object]] = {
    "an array is cut short": lambda made: shorten(made / "follower.npy"),
    "an array is empty": lambda made: (made / "niche.npy").write_bytes(b""),
    "an array is no array": lambda made: (made / "niche.npy").write_text("nonsense" * 50),
    "an array is missing": lambda made: (made / "need.npy").unlink(),
    "an array is another's": lambda made: np.save(made / "follower.npy", np.zeros(7, np.int32)),
    "no description": lambda made: (made / kept.ABOUT).unlink(),
    "half a description": lambda made: shorten(made / kept.ABOUT),
    "a description of something else": lambda made: (made / kept.ABOUT).write_text('{"people": 3}'),
    "a list": lambda made: (made / kept.ABOUT).write_text("[]"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_society_is_built_and_kept_again(damage: str, folder: Path, built: list[int]) -> None:
    kept_society(*SMALL, 5)
    DAMAGE[damage](kept_societies()[0].folder)
    for _ in range(2):
        assert columns(kept_society(*SMALL, 5)[0]) == columns(generate_society(*SMALL, 5))
    assert built == [5, 5]
    assert len(list((folder / "societies").iterdir())) == 1


@pytest.mark.usefixtures("folder")
def test_without_a_folder_to_write_to_it_works_all_the_same(
    tmp_path: Path, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("INFLUENCE_SIM_CACHE", str(tmp_path / "file"))
    for _ in range(2):
        assert columns(kept_society(*SMALL, 5)[0]) == columns(generate_society(*SMALL, 5))
    assert built == [5, 5]
    assert (tmp_path / "file").read_text() == "mine"
    assert not kept_societies()
    assert not machine_code()


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(np, "save", fail)
        assert kept_society(*SMALL, 5)[1] == generate_society(*SMALL, 5).digest()
    assert not list((folder / "societies").iterdir())


# --- several processes -------------------------------------------------------------------------------------

BUILD = """
import pathlib, sys
from sim.parameters import Rates
from sim.society import kept
kept._root = lambda: pathlib.Path(sys.argv[1])
society, digest = kept.kept_society(50_000, 40.0, 3, 2, Rates(), 5)
print(digest, society.digest())
"""


def test_processes_that_build_one_society_at_once_all_have_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILD, str(tmp_path / "societies")]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=300)[0].split() for one in several]
    assert [one.returncode for one in several] == [0, 0]
    assert len({word for words in said for word in words}) == 1
    assert len(list((tmp_path / "societies").iterdir())) == 1


# --- machine code ------------------------------------------------------------------------------------------


def code_folder(root: Path, name: str, number: int) -> Path:
    """A folder of machine code, last used at second ``number``."""
    made = root / f"{name}-{number:016x}"
    made.mkdir(parents=True)
    (made / "code.nbc").write_bytes(b"x" * 100)
    os.utime(made, (number, number))
    return made


def test_machine_code_not_used_for_longest_makes_room(folder: Path) -> None:
    for number in range(1, 9):
        code_folder(folder, "kernel", number)
    other, foreign = code_folder(folder, "society", 1), code_folder(folder, "My-thing", 1)
    used = folder / f"kernel-{3:016x}"
    use_machine_code(used)
    assert len(machine_code()) == 9  # it is not new: nothing makes room
    new = folder / f"kernel-{9:016x}"
    new.mkdir()
    use_machine_code(new)
    left = [path.name for path in machine_code() if path.name.startswith("kernel")]
    assert set(left[:2]) == {used.name, new.name}
    assert left[2:] == [f"kernel-{number:016x}" for number in (8, 7, 6, 5)]
    assert other.exists()
    assert foreign.exists()


def test_machine_code_that_vanishes_meanwhile_is_no_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_machine_code(folder / f"kernel-{1:016x}")
    gone = folder / f"kernel-{2:016x}"
    new = folder / f"kernel-{3:016x}"
    new.mkdir(parents=True)
    monkeypatch.setattr(cache, "MOST_CODE", 0)
    monkeypatch.setattr(cache, "machine_code", lambda: [new, gone])
    assert cache._last_used(gone) == 0.0
    use_machine_code(new)


# --- the command -------------------------------------------------------------------------------------------


def test_the_cache_is_shown(folder: Path, influence: Callable[..., Any]) -> None:
    for seed in (1, 2):
        kept_society(*SMALL, seed)
        use_at(kept_societies()[0], 1_700_000_000 + seed)
    code_folder(folder, "kernel", 1)
    document = influence("world", "--cache", "--json").json()
    assert (document["schema"], document["command"]) == (1, "world")
    told = document["cache"]
    assert told["folder"] == str(folder)
    assert [one["last_used"] for one in told["societies"]] == [1_700_000_002, 1_700_000_001]
    assert [one["folder"] for one in told["societies"]] == [one.folder.name for one in kept_societies()]
    assert {one["people"] for one in told["societies"]} == {2_000}
    assert told["bytes"] == sum(one["bytes"] for one in told["societies"]) > 0
    assert (told["limit"], told["machine_code"]) == (kept.LIMIT, {"folders": 1, "bytes": 100})
    answer = influence("world", "--cache", "--quiet")
    assert answer.code == 0
    for words in ("2 kept", "at most 8.0 GiB", "1 folder", "last", *(one.folder.name for one in kept_societies())):
        assert words in answer.out


def test_the_cache_is_cleared_and_nothing_else(folder: Path, influence: Callable[..., Any]) -> None:
    kept_society(*SMALL, 1)
    code, size = code_folder(folder, "kernel", 1), kept_societies()[0].size
    (folder / "notes.txt").write_text("mine")
    told = influence("world", "--cache", "--clear", "--json").json()["cache"]
    assert told["freed"] == size + 100
    assert not kept_societies()
    assert not code.exists()
    assert (folder / "notes.txt").read_text() == "mine"
    answer = influence("world", "--cache", "--clear")
    assert answer.code == 0
    assert "0 MiB" in answer.out


def test_without_societies_the_cache_says_so(folder: Path, influence: Callable[..., Any]) -> None:
    answer = influence("world", "--cache")
    assert answer.code == 0
    assert "none: those of a million ties or more are kept" in answer.out
    assert influence("world", "--cache", "--json").json()["cache"]["societies"] == []
    forget_societies()
    assert not folder.exists()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "key", "says"),
    [
        (("--clear",), "--clear", "influence world --cache --clear"),
        (("--cache", "--people", "5"), "--people", "no effect with --cache"),
        (("--cache", "--clear", "--out", "x"), "--out", "no effect with --cache"),
        (("small.toml", "--cache"), "SCENARIO", "no effect with --cache"),
    ],
)
def test_wrong_words_clear_nothing(words: tuple[str, ...], key: str, says: str, influence: Callable[..., Any]) -> None:
    kept_society(*SMALL, 1)
    answer = influence("world", *words, "--json")
    assert (answer.code, json.loads(answer.out)["error"]["key"]) == (2, key)
    assert says in answer.err
    assert len(kept_societies()) == 1
