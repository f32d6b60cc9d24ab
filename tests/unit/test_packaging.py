"""The wheel and the editable install, each in an environment of its own, used from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIO = "ten-micros-vs-one-celebrity"
SMALL = ["--people", "2000", "--days", "3", "--replicates", "2"]
"""2,000 people: the audience of a creator of 30,000 followers, 30 % of them fake, is 21 of them."""

pytestmark = pytest.mark.full


def call(*words: object, cwd: Path = ROOT) -> str:
    """The standard output of a command; fails with all that it printed."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution so that both are tried."""
    folder = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    return next(folder.glob("*.whl"))


def environment(folder: Path) -> Path:
    """The bin folder of a new environment that has the dependencies of this one, but not the project.

    A path named in a .pth file is searched for modules, and its own .pth files are not followed: so an
    editable install of the project in this environment is not seen in the new one.
    """
    call(sys.executable, "-m", "venv", folder)
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    library = Path(call(bin_folder / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    paths = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (library / "dependencies.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
    return bin_folder


@pytest.fixture(scope="module")
def wheel_bin(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bin_folder = environment(tmp_path_factory.mktemp("wheel") / "venv")
    call(bin_folder / "python", "-m", "pip", "install", "--no-deps", "--force-reinstall", "--no-index", wheel)
    return bin_folder


@pytest.fixture(scope="module")
def editable_bin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("editables", reason="an editable build without isolation needs the package editables")
    bin_folder = environment(tmp_path_factory.mktemp("editable") / "venv")
    call(bin_folder / "python", "-m", "pip", "install", "--no-deps", "--no-build-isolation", "-e", ROOT)
    return bin_folder


def test_the_wheel_has_the_package_and_the_scenarios_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sim"}
    scenarios = {f"sim/_scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*.toml")}
    assert scenarios
    assert scenarios == {name for name in names if name.startswith("sim/_scenarios/")}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sim").rglob("*.py")}
    assert modules == {name for name in names if name.endswith(".py")}
    assert "sim/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_main_job_runs_from_the_wheel(wheel_bin: Path, tmp_path: Path) -> None:
    where = Path(call(wheel_bin / "python", "-c", "import sim; print(sim.__file__)", cwd=Path("/")).strip())
    assert where.is_relative_to(wheel_bin.parent)
    _main_job(wheel_bin / "influence", tmp_path)


def test_the_main_job_runs_from_an_editable_install(editable_bin: Path, tmp_path: Path) -> None:
    where = Path(call(editable_bin / "python", "-c", "import sim; print(sim.__file__)", cwd=Path("/")).strip())
    assert where == ROOT / "sim" / "__init__.py"
    _main_job(editable_bin / "influence", tmp_path)


def _main_job(influence: Path, tmp_path: Path) -> None:
    """The commands of a first visit, from a folder that has nothing to do with the project."""
    anywhere = Path("/")
    assert SCENARIO in call(influence, "scenarios", cwd=anywhere)
    assert "fine" in call(influence, "check", SCENARIO, cwd=anywhere)
    out = tmp_path / "out"
    call(influence, "compare", *SMALL, "--out", out, cwd=anywhere)
    written = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert written["scenario"] == SCENARIO
    assert written["plans"].keys() == {"none", "ten-micros", "celebrity"}
    printed = call(influence, "compare", *SMALL, "--out", out, "--json", cwd=anywhere)
    assert json.loads(printed) == written
