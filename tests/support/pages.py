"""What tests read off the pages that commands write."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path


def words_again(report: Path, scenario: str) -> list[str]:
    """The words, without the program's name, by which a report says that it is made again; scenario: where its is."""
    (command,) = re.findall(r"<code>(influence .*?)</code>", report.read_text(encoding="utf-8"))
    return [scenario if word == Path(scenario).name else word for word in shlex.split(unescape(command))[1:]]
