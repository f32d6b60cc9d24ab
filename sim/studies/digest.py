"""The name of a study's question: same digest, same numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from json import dumps
from pathlib import Path
from typing import Any

from sim.ensemble import model_hash


def study_digest(sources: Iterable[str], contents: Any) -> str:
    """Twelve hexadecimal digits of the model's sources, the study's own files and what was asked.

    sources: patterns of files in this folder, without their ending. contents: plain data.
    """
    root, state = Path(__file__).parent, hashlib.sha256(model_hash().encode())
    for pattern in sources:
        for file in sorted(root.glob(f"{pattern}.py")):
            state.update(file.name.encode() + file.read_bytes())
    state.update(dumps(contents, sort_keys=True).encode())
    return state.hexdigest()[:12]
