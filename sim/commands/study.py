"""What commands that run something share: compiling is announced, the same can be asked again, the result told."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence

from sim.commands import Output
from sim.engine.compiling import is_compiled
from sim.scenario.load import Scenario


def say_compiling(engine: str, output: Output) -> None:
    """A remark where the first run has to compile the engine."""
    if engine == "kernel" and not is_compiled():
        output.say("compiling the engine once, about half a minute…")


def again(words: Sequence[str], scenario: Scenario, overrides: Sequence[str]) -> str:
    """A command line: these words, the size and seed of the scenario as it was run, and what else was set."""
    run = {"days": scenario.run.days, "replicates": scenario.run.replicates, "seed": scenario.run.seed}
    if scenario.graph is None:
        run = {"people": scenario.people, "worlds": scenario.worlds, **run}
    options = {"society.people", "society.worlds", *(f"run.{option}" for option in run)}
    others = [entry for entry in overrides if entry.partition("=")[0].strip() not in options]
    said = [word for option, value in run.items() for word in (f"--{option}", str(value))]
    return shlex.join([*words, *said, *(word for entry in others for word in ("--set", entry))])


def tell(output: Output, document: str, show: Callable[[], None]) -> None:
    """The JSON document, or what is shown to a person."""
    if output.json:
        sys.stdout.write(document)
    else:
        show()
