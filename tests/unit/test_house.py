"""The rules of the house: who may import whom, who may draw, how long things may be, what a parameter must say.

Each check is a function that lists what is wrong; beside the test on the project stands one on code that is
wrong on purpose, so that a check which finds nothing has been seen to find something.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim.rules
from sim.parameters import ASSUMPTION, PARAMETERS, Rates
from sim.platforms import PRESETS
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import TIERS
from sim.society.creators import creator_draws
from sim.society.world import fake_share

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "sim").rglob("*.py"))

LEVELS = {
    "errors": 0, "parameters": 0, "platforms": 0, "mechanisms": 0, "randomness": 0, "rules": 0, "cache": 0,
    "shown": 0,
    "scenario": 1, "record": 1, "compiling": 1,
    "society": 2,
    "engine": 3,
    "ensemble": 4, "pieces": 4, "workers": 4, "preload": 4,
    "results": 5,
    "studies": 6,
    "views": 7,
    "cli": 8, "cli_studies": 8, "cli_runs": 8, "commands": 8, "api": 8, "api_studies": 8, "notebook": 8,
}  # fmt: skip

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 350, 50
LONG_FILES = {
    "sim/society/graph.py": "edge lists can be wrong in many ways; the file's docstring says how to read it",
}
"""Files that may be longer, each with its reason."""


# --- imports -----------------------------------------------------------------------------------------------


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in SOURCES}


def imports(tree: ast.AST, known: set[str], *, types_too: bool = True) -> Iterator[str]:
    """Modules of the project that a file imports, at the top or inside functions."""
    for node in _walk(tree, types_too):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "sim")
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sim":
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in known else str(node.module)


def _walk(tree: ast.AST, types_too: bool) -> Iterator[ast.AST]:
    """ast.walk, without the blocks under ``if TYPE_CHECKING`` unless ``types_too``."""
    yield tree
    if isinstance(tree, ast.If) and not types_too and "TYPE_CHECKING" in ast.dump(tree.test):
        return
    for child in ast.iter_child_nodes(tree):
        yield from _walk(child, types_too)


def unit(module: str) -> str:
    """``engine`` for sim.engine.model."""
    return module.split(".")[1] if "." in module else ""


def import_faults(module: str, tree: ast.AST, known: set[str]) -> list[str]:
    faults = []
    for target in imports(tree, known):
        if target.startswith(".") or not unit(target):
            faults.append(f"{module} imports {target!r}: name the module in full, and never the package root")
        elif module != "sim" and LEVELS[unit(target)] > LEVELS[unit(module)]:
            faults.append(f"{module} (level {LEVELS[unit(module)]}) imports {target} (level {LEVELS[unit(target)]})")
    return faults


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Each cycle found by walking the graph in depth, as the modules along it."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
            return
        if module in done:
            return
        for target in sorted(graph.get(module, ())):
            visit(target, [*path, module])
        done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return found


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_every_part_of_the_package_has_a_level() -> None:
    assert {unit(module) for module in MODULES if unit(module)} <= LEVELS.keys()


def test_imports_point_one_way_and_nobody_imports_the_root() -> None:
    known = set(MODULES)
    faults = [fault for module, path in MODULES.items() for fault in import_faults(module, _parsed(path), known)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("sim.rules", "from sim.engine import model"),
        ("sim.rules", "def f():\n    import sim.engine.model"),
        ("sim.society.world", "from sim.results.measures import METRICS"),
        ("sim.cli", "import sim"),
        ("sim.cli", "from sim import compare"),
        ("sim.engine.model", "from . import agents"),
        ("sim.engine.model", "from .agents import Follower"),
    ],
)
def test_the_check_of_imports_finds_faults(module: str, code: str) -> None:
    assert import_faults(module, ast.parse(code), set(MODULES))


def test_no_cycle_among_modules() -> None:
    known = set(MODULES)
    graph = {module: set(imports(_parsed(path), known, types_too=False)) - {module} for module, path in MODULES.items()}
    assert not cycles(graph), cycles(graph)


def test_the_check_of_cycles_finds_one() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == [["a", "b", "c", "a"]]
    assert not cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()})


# --- draws -------------------------------------------------------------------------------------------------

RANDOM_MODULES = {"random", "secrets", "uuid", "numpy.random"}
RANDOM_NAMES = {
    "random", "rng", "default_rng", "RandomState", "SystemRandom", "shuffle", "shuffle_do", "rvs", "urandom", "uuid1",
    "uuid4", "getrandbits", "randint", "randrange", "randbytes", "token_bytes", "sample",
}  # fmt: skip


def draw_faults(tree: ast.AST, *, passed_in: bool) -> list[str]:
    """Everything that could draw. ``passed_in``: a generator that came in as ``rng`` may be used (sim/society)."""
    allowed = {id(node) for node in ast.walk(tree) if ast.unparse(node) == "np.random.Generator"}
    allowed |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) in allowed}
    faults = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names}
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            drawn = (names | {module} | {f"{module}.{name}" for name in names}) & RANDOM_MODULES
            if drawn or (module in ("os", "numpy") and names & RANDOM_NAMES):
                faults.append(f"line {node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Attribute) and node.attr in RANDOM_NAMES and id(node) not in allowed:
            own = passed_in and isinstance(node.value, ast.Name) and node.value.id == "rng"
            if not own:
                faults.append(f"line {node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RANDOM_NAMES:
            faults.append(f"line {node.lineno}: {ast.unparse(node)}")
    return faults


def test_only_randomness_draws() -> None:
    faults = {
        module: found
        for module, path in MODULES.items()
        if module != "sim.randomness"
        and (found := draw_faults(_parsed(path), passed_in=module.startswith("sim.society")))
    }
    assert not faults, faults


@pytest.mark.parametrize(
    "code",
    [
        "import random",
        "import numpy.random",
        "from numpy import random",
        "from numpy.random import default_rng",
        "from os import urandom",
        "import secrets",
        "from uuid import uuid4",
        "u = np.random.default_rng(1).random()",
        "u = np.random.random()",
        "u = self.random.random()",
        "u = model.random.choice(people)",
        "u = self.rng.integers(3)",
        "u = model.rng.random()",
        "agents.shuffle_do('step')",
        "u = os.urandom(4)",
        "u = uuid.uuid4()",
        "u = stats.norm.rvs(10)",
        "rng = default_rng(1)",
    ],
)
def test_the_check_of_draws_finds_them(code: str) -> None:
    assert draw_faults(ast.parse(code), passed_in=True)


def test_a_generator_passed_in_is_for_societies_only() -> None:
    code = ast.parse("def f(rng: np.random.Generator) -> float:\n    return rng.random()")
    assert not draw_faults(code, passed_in=True)
    assert draw_faults(code, passed_in=False)


def test_society_generators_are_made_in_randomness_only_and_only_for_societies() -> None:
    users = {module for module, path in MODULES.items() if "society_generator" in path.read_text(encoding="utf-8")}
    assert "sim.randomness" in users
    assert all(module == "sim.randomness" or module.startswith("sim.society.") for module in users), users


# --- nothing by tier ---------------------------------------------------------------------------------------

TIER_WORD = re.compile(rf"(^|_)({'|'.join(TIERS)}|mega|tiers?|followers)s?(_|$)")
ALLOWED_BY_SIZE = {"market_price": {"followers"}, "recommended_slots": {"followers_shown"},
                   "expected_orders": {"followers"}}  # fmt: skip
"""The price curve is the one rule of a creator's followers; followers_shown are impressions of one post, and the orders
that a creator reckons with are in proportion to followers."""


def test_no_parameter_is_named_by_tier() -> None:
    assert not [name for name in PARAMETERS if TIER_WORD.search(name)]


def test_no_rule_takes_a_tier_or_followers_but_the_price_curve() -> None:
    for name, rule in inspect.getmembers(sim.rules, inspect.isfunction):
        sized = {argument for argument in inspect.signature(rule).parameters if TIER_WORD.search(argument)}
        assert sized == ALLOWED_BY_SIZE.get(name, set()), name


def test_the_model_does_not_know_tiers() -> None:
    """Rules, parameters, societies and engines never read the scenario's tiers nor a tier's name."""
    words = {*TIERS, "mega", "tier", "tiers"}
    for module, path in MODULES.items():
        if unit(module) in ("rules", "parameters", "randomness", "society", "engine"):
            used = {node.attr for node in ast.walk(_parsed(path)) if isinstance(node, ast.Attribute)}
            used |= {node.id for node in ast.walk(_parsed(path)) if isinstance(node, ast.Name)}
            used |= {str(node.value) for node in ast.walk(_parsed(path)) if isinstance(node, ast.Constant)}
            assert not used & words, module


@pytest.mark.parametrize("handle", ["anna", "ben"])
def test_what_is_drawn_or_taken_by_default_is_the_same_at_every_size(handle: str) -> None:
    small, large = CreatorSpec(handle, 2_000), CreatorSpec(handle, 20_000_000)
    assert creator_draws(small, Rates(), 1, 0) == creator_draws(large, Rates(), 1, 0)
    assert fake_share(small, Rates()) == fake_share(large, Rates())


# --- parameters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_fully_documented(name: str) -> None:
    p = PARAMETERS[name]
    assert p.unit.strip()
    assert p.symbol.strip()
    assert p.group.strip()
    assert len(p.meaning) > 10
    assert p.source == ASSUMPTION or len(p.source) > 10
    assert math.isfinite(p.low)
    assert math.isfinite(p.high)
    assert p.low <= p.default <= p.high
    assert p.neutral is None or p.low <= p.neutral <= p.high


def test_symbols_are_unique() -> None:
    symbols = [p.symbol for p in PARAMETERS.values()]
    assert sorted(symbols) == sorted(set(symbols))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_stays_in_range_and_gives_its_sources(name: str) -> None:
    preset = PRESETS[name]
    assert preset.values.keys() == preset.sources.keys()
    assert all(PARAMETERS[key].low <= value <= PARAMETERS[key].high for key, value in preset.values.items())
    assert all(preset.sources.values())


# --- sizes and names ---------------------------------------------------------------------------------------


def test_files_are_short_or_have_a_reason() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = {name for name, count in lines.items() if count > MOST_LINES}
    assert long == LONG_FILES.keys(), {name: lines.get(name) for name in long ^ LONG_FILES.keys()}


def test_functions_are_short() -> None:
    long = [
        f"{module}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for module, path in MODULES.items()
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long, long


def test_no_file_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [path for path in SOURCES if drawers & set(path.relative_to(ROOT).with_suffix("").parts)]


# --- what stands in the project ----------------------------------------------------------------------------

_SLASH = "/"
FOREIGN = re.compile(
    rf"(?<![\w.*)}}\]-]){_SLASH}(work|tmp|root|home|Users){_SLASH}"  # a path of one machine
    r"|\bissue[ ]tracker\b|\bJIRA\b|\b(FACTS|MODEL|DESIGN)[.]md\b"  # papers that are no part of the project
)


def project_files() -> list[Path]:
    """The files that git tracks or would track; without git, everything that is text and not hidden."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_file_speaks_of_the_place_it_was_made_in() -> None:
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert not found, found


def test_the_check_of_places_finds_them() -> None:
    assert FOREIGN.search(f"see {_SLASH}work{_SLASH}main")
    assert FOREIGN.search(f'"{_SLASH}tmp{_SLASH}x"')
    assert not FOREIGN.search("https://example.org/work/x, and/or, ~/.pyenv/versions, $HOME/home/x")
