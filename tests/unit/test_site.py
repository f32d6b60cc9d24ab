"""The documents as a site: built without a warning, and nothing in it is fetched from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.full
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-c", "docs"]
    made = subprocess.run(
        [*words, "-d", tmp_path / "read", ".", tmp_path / "site"], cwd=ROOT, capture_output=True, text=True
    )
    assert (made.returncode, made.stderr) == (0, "")
    pages = {path.relative_to(tmp_path / "site").with_suffix("").as_posix(): path.read_text(encoding="utf-8")
             for path in (tmp_path / "site").rglob("*.html")}  # fmt: skip
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("experiments/*/README.md")]
    assert {path.relative_to(ROOT).with_suffix("").as_posix() for path in documents} <= pages.keys()
    for name, page in pages.items():
        assert not re.search(r"<(script|img|link)[^>]+(src|href)=\"https?:", page), name
    assert "sim.api.compare" in pages["docs/python"]
