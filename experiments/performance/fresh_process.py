"""Each measurement runs in a process of its own, so that its peak memory is its own and nothing is warm by accident.

    python fresh_process.py MODULE FUNCTION '{"people": 10000}'

prints the measured rows as JSON on the last line of its output.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measured_rows import Row


def measured(seconds: float, module: str, function: str, /, **arguments: Any) -> tuple[list[Row], str]:
    """The rows of ``module.function(**arguments)``, and what went wrong: empty rows then.

    seconds: time limit. The calling process stays small: a child begins with its parent's pages.
    """
    command = [sys.executable, str(Path(__file__)), module, function, json.dumps(arguments)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        output, errors = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(child)
        return [], f"not done in {seconds:.0f} s"
    except BaseException:
        _end(child)
        raise
    if child.returncode:
        last = errors.strip().splitlines() or [f"exit code {child.returncode}"]
        return [], f"failed: {last[-1][:120]}"
    return [Row(*row) for row in json.loads(output.strip().splitlines()[-1])], ""


def _end(child: subprocess.Popen[str]) -> None:
    """Stop a measurement and the processes that it started."""
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def peak_memory() -> float:
    """Largest resident memory of this process so far, in MB.

    Linux counts the parent's pages at the fork in ru_maxrss, but not in VmHWM, which is of this program alone.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    scale = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6


def peak_memory_of_children() -> float:
    """Largest resident memory of one finished child of this process, in MB."""
    scale = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * scale / 1e6


def best_of(repeats: int, call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Least wall seconds, least CPU seconds of this process, and what the last call returned."""
    walls, cpus, result = [], [], None
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        result = call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus), result


def main() -> None:
    """Run one measurement and print its rows."""
    module, function, arguments = sys.argv[1:4]
    rows = getattr(importlib.import_module(module), function)(**json.loads(arguments))
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
