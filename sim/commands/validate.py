"""``influence validate``: the published facts, as the simulation shows them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.commands import SEEDS, Output, claim
from sim.commands.study import say_compiling, tell
from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import model_hash
from sim.errors import InputError, nearest_match
from sim.parameters import PARAMETERS
from sim.platforms import resolve
from sim.results.summary import SCHEMA, to_json, versions
from sim.scenario.overrides import apply_overrides
from sim.studies.validation import validate as study
from sim.studies.validation.facts import FACTS, Fact
from sim.studies.validation.market import followers_of_roster, validation_scenario
from sim.studies.validation.validate import FULL, QUICK, Extent, Finding, Findings, facts_named
from sim.views.files import csv_bytes, write_all
from sim.views.progress import Progress
from sim.views.sign_rule import sign_rule_frame, sign_rule_picture
from sim.views.validation import facts_frame, print_facts
from sim.views.validation_page import validation_html

ONLY_PARAMETERS = "parameters.NAME=VALUE; the market, the creators and the product are fixed"
MEAN_RANK = {"rank_high": 1.0}
"""What the feed gives at most, for the memory to be expected: hundreds of posts by creators of all sizes cannot all
have the largest reward, and its mean is about 1. Counted like this a seed needs 1.8 GiB; measured: 0.9 GiB."""


@dataclass(frozen=True)
class Question:
    """What was asked: how thoroughly, which facts, and which parameters are not at their defaults."""

    extent: Extent
    facts: tuple[Fact, ...]
    parameters: Mapping[str, float]

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits: same digest, same figures."""
        contents = {"model": model_hash(), "study": study_hash(), "extent": asdict(self.extent),
                    "facts": [fact.id for fact in self.facts], "parameters": dict(self.parameters)}  # fmt: skip
        return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def command(self) -> str:
        """The words that ask the same."""
        words = ["influence validate"] + (["--quick"] if self.extent == QUICK else [])
        if len(self.facts) < len(FACTS):
            words.append(f"--only {','.join(fact.id for fact in self.facts)}")
        return " ".join([*words, *(f"--set parameters.{name}={value!r}" for name, value in self.parameters.items())])


def validate(
    quick: bool, only: Sequence[str], overrides: Sequence[str], workers: int | None, output: Output
) -> bool:  # fmt: skip
    """Measure, write, print. Returns whether every hard fact passes."""
    question = Question(QUICK if quick else FULL, tuple(facts_named(only)), _parameters(overrides))
    digest = question.digest
    folder = output.folder(Path("results") / f"validation-{digest}")
    seeds = None if folder is None else folder / SEEDS
    missing = study.missing_seeds(question.extent, only, None if output.overwrite else seeds)
    _check_memory(question, workers, missing)
    if folder is not None:
        claim(folder, f"{digest} run validate", overwrite=output.overwrite)
    if not missing:
        output.say(f"measured before, in {folder}; --overwrite measures again")
    findings = _measured(question, workers, seeds, output, compiles=missing > 0)
    text = to_json(document(question, findings))
    if folder is not None:
        _write(folder, question, findings, text)
    tell(output, text, lambda: print_facts(findings, question.extent, question.parameters, folder,
                                           remarks=not output.quiet))  # fmt: skip
    return not any(finding.failed for finding in findings if finding.fact.hard)


# --- what was asked ----------------------------------------------------------------------------------------


def _parameters(overrides: Sequence[str]) -> dict[str, float]:
    """The parameters set, by name, each checked against its range; InputError for any other key."""
    raw: dict[str, Any] = {}
    known = [f"parameters.{name}" for name in PARAMETERS]
    for entry in overrides:
        key, equals, _ = entry.partition("=")
        if equals and not key.strip().startswith("parameters."):
            near = f"parameters.{key.strip()}"
            raise InputError("only parameters can be set here", key="--set", value=entry, expected=ONLY_PARAMETERS,
                             nearest=near if near in known else nearest_match(key.strip(), known))  # fmt: skip
    problems: list[InputError] = []
    apply_overrides(raw, overrides, {}, problems)
    if problems:
        raise problems[0]
    given = raw.get("parameters", {})
    rates = asdict(resolve("instagram", given, {}).rates)
    return {name: rates[name] for name in sorted(given)}


def study_hash() -> str:
    """A hash of the sources that say how the facts are measured."""
    state = hashlib.sha256()
    for file in sorted(Path(study.__file__).parent.glob("*.py")):
        state.update(file.name.encode() + file.read_bytes())
    return state.hexdigest()[:12]


# --- measuring ---------------------------------------------------------------------------------------------


def _measured(
    question: Question, workers: int | None, seeds: Path | None, output: Output, *, compiles: bool
) -> Findings:  # fmt: skip
    """The findings; what was measured before is taken from ``seeds``, and what is measured now is kept there."""
    if compiles:
        say_compiling(DEFAULT_ENGINE, output)
    with Progress("measuring", quiet=output.quiet) as progress:
        return study.validate(
            question.extent,
            only=[fact.id for fact in question.facts],
            parameters=question.parameters,
            workers=workers,
            folder=seeds,
            progress=progress,
        )


def _check_memory(question: Question, workers: int | None, seeds: int) -> None:
    """Raise InputError where the society of 20 million does not fit, with the number of processes that would."""
    extent, groups = question.extent, {fact.group for fact in question.facts}
    if not groups & study.LARGE_MARKET:
        return
    followers = followers_of_roster(extent.creators, extent.least).tolist()
    parameters = {**question.parameters, **MEAN_RANK}
    scenario = validation_scenario(1, followers, parameters, people_per_agent=extent.per_agent)
    try:
        check_fits(scenario, workers, "kernel", seeds)
    except InputError as error:
        error.key, error.value = "--workers", workers or os.cpu_count()
        if not str(error.expected).startswith("--workers"):
            error.expected = "a machine with more memory"
        raise


# --- what came out -----------------------------------------------------------------------------------------


def document(question: Question, findings: Sequence[Finding]) -> dict[str, Any]:
    """The whole of summary.json."""
    return {
        "schema": SCHEMA,
        "command": "validate",
        "digest": question.digest,
        "seeds": question.extent.seeds,
        "extent": asdict(question.extent),
        "parameters": dict(question.parameters),
        "versions": versions(),
        "facts": [_row(finding) for finding in findings],
    }


def _row(finding: Finding) -> dict[str, Any]:
    fact, (low, high) = finding.fact, finding.band
    return {
        "id": fact.id,
        "name": fact.name,
        "median": finding.median,
        "low": low,
        "high": high,
        "accept": [fact.low, fact.high],
        "hard": fact.hard,
        "role": fact.role,
        "passed": finding.passed,
        "unsure": finding.unsure,
        "source": fact.source,
        "unit": fact.unit,
        "measured": fact.measured,
        "values": list(finding.values),
    }


def _write(folder: Path, question: Question, findings: Findings, text: str) -> None:
    """Tables, figure and page; summary.json last."""
    contents = {"facts.csv": csv_bytes(facts_frame(findings, question.extent))}
    if findings.sign_rule:
        contents["sign_rule.csv"] = csv_bytes(sign_rule_frame(findings.sign_rule))
        contents["figures/sign_rule.png"] = sign_rule_picture(findings.sign_rule).png
    page = validation_html(findings, question.extent, question.parameters, question.command, question.digest)
    contents |= {"validation.html": page.encode(), "summary.json": text.encode()}
    write_all(folder, contents)
