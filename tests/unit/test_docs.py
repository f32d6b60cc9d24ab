"""The documents say what is so: their code runs, links lead somewhere, commands and tables are those of the code."""

from __future__ import annotations

import importlib.util
import inspect
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from sim.cli import app
from sim.engine.model import InfluenceModel
from sim.parameters import PARAMETERS
from sim.randomness import Stream
from sim.results.measures import METRICS
from sim.scenario.load import load
from sim.scenario.schema import SocietyTable
from sim.society.world import check_audiences

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "experiments/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
SETUP = (
    "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/influence compare",
    '.venv/bin/pip install -e ".[test]" && .venv/bin/pytest',
)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def python_blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """Targets of links to files of the project: not to the web, and without the part after #."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def commands(text: str) -> set[str]:
    """Words after ``influence`` in code: indented lines, fenced blocks and `…`."""
    code = [line for line in text.splitlines() if line.startswith("    ")]
    code += re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    return {word for part in code for word in re.findall(r"(?:^|[\s/])influence ([a-z]+)", part)}


# --- code --------------------------------------------------------------------------------------------------

BLOCKS = [
    pytest.param(block, id=f"{page}-{number}")
    for page in ("README.md", "docs/extending.md")
    for number, block in enumerate(python_blocks(text_of(page)), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_python_block_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "document", "exec"), {"__name__": "document"})


def test_both_documents_have_python_blocks() -> None:
    assert python_blocks(text_of("README.md"))
    assert len(python_blocks(text_of("docs/extending.md"))) >= 4


def test_the_readme_sets_up_in_two_lines() -> None:
    lines = [line.strip() for line in text_of("README.md").splitlines()]
    assert all(line in lines for line in SETUP)


# --- links and commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [target for target in links(page.read_text(encoding="utf-8")) if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    assert commands(page.read_text(encoding="utf-8")) <= COMMANDS


def test_the_readme_names_the_commands() -> None:
    assert commands(text_of("README.md")) >= {"compare", "new", "check"}


def test_the_checks_find_what_is_wrong() -> None:
    assert links("see [a](gone.md#part), [b](https://example.org), ![c](x.png)") == ["gone.md", "x.png"]
    assert commands("run `influence dance FILE`\n\n    .venv/bin/influence sing\n") == {"dance", "sing"}


# --- tables ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """docs/generate_tables.py, which is a script and not part of the package."""
    spec = importlib.util.spec_from_file_location("generate_tables", ROOT / "docs" / "generate_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_of_the_model_are_those_of_the_code(generator: ModuleType) -> None:
    text = text_of("docs/model.md")
    assert generator.with_tables(text) == text, "run python docs/generate_tables.py"
    assert all(f"`{name}`" in text for name in [*PARAMETERS, *METRICS])


def test_the_check_of_tables_finds_a_changed_number(generator: ModuleType) -> None:
    text = text_of("docs/model.md")
    row = next(line for line in text.splitlines() if line.startswith("| `click_rate`"))
    assert generator.with_tables(text.replace(row, row.replace("0.02", "0.03"))) == text
    with pytest.raises(ValueError, match="parameters"):
        generator.with_tables(text.replace("<!-- parameters:end -->", ""))


def test_every_rule_that_the_model_page_names_is_a_parameter_or_a_figure() -> None:
    """Words in code type with an underscore in sections 5 and 7 are names of the code, or keys of a scenario."""
    page = text_of("docs/model.md")
    body = page[page.index("## 5.") : page.index("## 8.")]
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", body))
    assert named
    assert named <= PARAMETERS.keys() | METRICS.keys() | SocietyTable.model_fields.keys()


def test_the_steps_of_the_day_are_those_of_the_code() -> None:
    page = text_of("docs/model.md")
    schedule = page[page.index("## 3.") : page.index("## 4.")]
    named = [word.lower() for word in re.findall(r"^\d+\. \*\*(\w+)\.\*\*", schedule, flags=re.MULTILINE)]
    called = re.findall(r"self\.(\w+)\(", inspect.getsource(InfluenceModel.step))
    assert named == [name.removesuffix("_day") for name in called]


def test_the_streams_are_those_of_the_code() -> None:
    page = text_of("docs/model.md")
    listed = re.findall(r"^\| ([A-Z_]+) \|", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(stream.name for stream in Stream)


# --- examples ----------------------------------------------------------------------------------------------


def test_the_example_scenario_is_sound(tmp_path: Path) -> None:
    for name in ("launch.toml", "launch-roster.csv"):
        shutil.copy(ROOT / "docs" / "examples" / name, tmp_path / name)
    scenario = load(tmp_path / "launch.toml")
    assert [plan.name for plan in scenario.plans] == ["none", "three-micros", "split", "one-large"]
    assert scenario.plan("split").left_over is not None
    assert all("too small" not in warning for warning in check_audiences(scenario))
