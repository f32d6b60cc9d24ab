"""The documents of this project as a site: ``sphinx-build -W -c docs . build/site`` (needs the extra ``docs``)."""

from __future__ import annotations

import re
from importlib.metadata import version as installed
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]

project = "influence-sim"
author = "the authors of influence-sim"
copyright = author
version = release = installed("influence-sim")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "docs/index"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**", "experiments/**README.md"]
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sourcelink = False

_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)\)")


def _folders_by_their_pages(_: Sphinx, name: str, source: list[str]) -> None:
    """Hosts of code show a folder with its README: a link to one goes there, and is mere text where there is none."""
    here = (ROOT / name).parent

    def page(link: re.Match[str]) -> str:
        folder = here / link[2]
        if not folder.is_dir():
            return link[0]
        return f"[{link[1]}]({link[2].rstrip('/')}/README.md)" if (folder / "README.md").is_file() else link[1]

    source[0] = _LINK.sub(page, source[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", _folders_by_their_pages)
