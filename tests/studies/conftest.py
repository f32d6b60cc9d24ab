"""Stores of a module's ``plan``."""

from __future__ import annotations

from pathlib import Path

import pytest
from stores import exported

from sim.studies.planned import Planned
from sim.studies.sweep import sweep


@pytest.fixture(scope="module")
def undisturbed(plan: Planned, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What is exported after a sweep in one process that nothing happened to."""
    return exported(sweep(plan, tmp_path_factory.mktemp("undisturbed") / "runs.sqlite"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.sqlite"
