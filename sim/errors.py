"""Every error that influence-sim raises on purpose.

    InfluenceError            could not do it                       exit code 1
    ├── InputError            the user's input is at fault          exit code 2
    │   └── InputErrors       several such at once (a roster)       exit code 2
    ├── Interrupted           stopped by the user; finished runs are saved   exit code 130
    ├── WorkerDied            a process ended in the middle of its work      exit code 1
    └── ClusterLost           other machines do not answer any more     exit code 1

An InputError names the file, the key or row, the value, what was expected and the nearest match,
so that the message alone is enough to mend the input.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any


class InfluenceError(Exception):
    """Base of every error raised on purpose."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def details(self) -> dict[str, object]:
        """The error as the JSON object that ``--json`` prints."""
        keys = ("file", "key", "row", "value", "expected", "nearest")
        return {"message": self.message, **{key: getattr(self, key, None) for key in keys}}


class InputError(InfluenceError):
    """The user's input is at fault: a scenario, a roster, a graph or an option."""

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: object = None,
        key: str | None = None,
        row: int | None = None,
        value: object = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        super().__init__(message)
        self.file = None if file is None else str(file)
        self.key = key
        self.row = row
        self.value = value if isinstance(value, str | int | float | bool | None) else str(value)
        self.expected = expected
        self.nearest = nearest

    def __str__(self) -> str:
        where = [str(self.file)] if self.file else []
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.key:
            where.append(self.key)
        text = f"{', '.join(where)}: {self.message}" if where else self.message
        shown = "" if self.value is None else repr(self.value)
        shown = shown.lower() if isinstance(self.value, bool) else shown
        if shown and not re.search(rf"(?<!\w){re.escape(str(self.value))}(?!\w)", text):
            text += f" (got {shown})"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.nearest:
            text += f"; did you mean {self.nearest!r}?"
        return text


class InputErrors(InputError):
    """Several problems of one file, reported together."""

    def __init__(self, problems: Sequence[InputError], *, file: object = None) -> None:
        first = problems[0]
        noun = "problem" if len(problems) == 1 else "problems"
        super().__init__(f"{len(problems)} {noun} found", file=file or first.file)
        self.key, self.row, self.value = first.key, first.row, first.value
        self.expected, self.nearest = first.expected, first.nearest
        self.problems = list(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._again, (self.problems, self.file)

    @classmethod
    def _again(cls, problems: Sequence[InputError], file: object) -> InputErrors:
        return cls(problems, file=file)

    def __str__(self) -> str:
        shown = [f"  {problem}" for problem in self.problems[:50]]
        if len(self.problems) > 50:
            shown.append(f"  … and {len(self.problems) - 50} more")
        return "\n".join([f"{self.file}: {self.message}" if self.file else self.message, *shown])

    def details(self) -> dict[str, object]:
        return {**super().details(), "problems": [problem.details() for problem in self.problems]}


class Interrupted(InfluenceError):
    """The user stopped the work; what was finished is saved and the same command completes it."""

    exit_code = 130


class WorkerDied(InfluenceError):
    """A process was killed in the middle of a piece of work, most often for want of memory."""

    def __init__(self, piece: object) -> None:
        super().__init__("a process was killed in the middle of its work, most often for want of memory; "
                         "fewer --workers, or fewer --people, need less")  # fmt: skip
        self.piece = piece


class ClusterLost(InfluenceError):
    """The machines that runs were handed to do not answer any more, or one of them cannot play them."""


def nearest_match(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like ``word`` (case ignored), or None when nothing is close."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(str(word).lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None
