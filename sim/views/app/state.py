"""What one session of the app remembers: its uploads, the work that goes on, the last two answers. No other sees it."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from typing import Any

from sim.results.comparison import Comparison
from sim.results.comparison import compare as compare_with
from sim.scenario.load import Scenario
from sim.society.describe import describe
from sim.society.world import build_world
from sim.studies.replay import replay
from sim.studies.split import Asked, Split
from sim.studies.split import split as split_answer
from sim.views.app.jobs import DRAWING, Job, turn
from sim.views.app.question import Uploads
from sim.views.files import output_contents
from sim.views.plots import FIGURES, Picture, png_bytes
from sim.views.replay.page import replay_html
from sim.views.resolved import scenario_values
from sim.views.split import alternative, split_png

KEY = "influence"
"""Where the session's state lies in Streamlit's own."""
TIDY_EVERY = 5
"""Answers between two searches for garbage: one takes a quarter of a second."""
COMPARISON, CURVE = "comparison", "curve"


@dataclass
class Outcome:
    """A comparison and what was made of it since. key: names the question; drawn, files: made when first asked for."""

    key: str
    comparison: Comparison
    drawn: dict[str, Picture] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    world: dict[str, Any] | None = None
    replay: str | None = None

    @property
    def scenario(self) -> Scenario:
        return self.comparison.ensemble.scenario

    def picture(self, name: str) -> Picture:
        """One of the comparison's figures."""
        if name not in self.drawn:
            title, draw = FIGURES[name]
            with DRAWING:
                figure, words = draw(self.comparison)
                self.drawn[name] = Picture(name, title, words, png_bytes(figure))
        return self.drawn[name]

    def file(self, name: str, uploads: Uploads) -> bytes:
        """A file as ``influence compare`` writes it; a text does not tell where uploads lie."""
        if not self.files:
            with DRAWING:
                self.files = output_contents(self.comparison)
        content = self.files[name]
        hidden = str(uploads.folder).encode()
        return uploads.without_folder(content.decode()).encode() if hidden in content else content

    def describe_world(self) -> dict[str, Any]:
        """The first replicate's world in figures."""
        if self.world is None:
            self.world = describe(self.scenario, build_world(self.scenario))
        return self.world

    def replay_page(self) -> str:
        """The first replicate, day by day, as one page."""
        if self.replay is None:
            with turn():
                self.replay = replay_html(replay(self.scenario))
        return self.replay

    def forget_details(self) -> None:
        """Keep the figures only: this is the answer before."""
        self.drawn, self.files, self.world, self.replay = {}, {}, None, None


@dataclass
class Curve:
    """A split curve with its figure, and the question that it was asked beside."""

    key: str
    split: Split
    picture: Picture


@dataclass
class Session:
    """One user's state. asked: key of the question that was run last.

    problem: what was wrong with it; note: that it was stopped; answers: how many there have been.
    """

    uploads: Uploads = field(default_factory=Uploads)
    job: Job | None = None
    asked: str = ""
    now: Outcome | None = None
    before: Outcome | None = None
    curve: Curve | None = None
    problem: str = ""
    note: str = ""
    answers: int = 0

    def compare(self, scenario: Scenario, key: str) -> None:
        """Begin to run and compare; what was running is stopped."""
        self.stop()
        self.asked, self.problem, self.note = key, "", ""

        def work(job: Job) -> Outcome:
            return Outcome(key, compare_with(scenario, lambda one, _: job.ensemble(one)))

        self.job = Job(COMPARISON, work)

    def split(self, question: Asked, key: str) -> None:
        """Begin to run the curve of a split."""
        self.stop()
        self.problem, self.note = "", ""

        def work(job: Job) -> Curve:
            made = split_answer(question, lambda _, scenario: job.ensemble(scenario))
            title = "Figures by split, with 95 % intervals"
            with DRAWING:
                return Curve(key, made, Picture(CURVE, title, alternative(made), split_png(made)))

        self.job = Job(CURVE, work)

    def __del__(self) -> None:
        """Whoever has closed the page waits for nothing any more."""
        self.stop()

    @property
    def running(self) -> bool:
        return self.job is not None and not self.job.finished

    def stop(self) -> None:
        """Stop what is running, if anything."""
        if self.job is not None:
            self.job.stop()

    def collect(self) -> None:
        """Take over what a finished job has brought: only the last two answers are kept."""
        job = self.job
        if job is None or not job.finished:
            return
        self.job = None
        if job.stopped:
            self.note = "Stopped. What is shown is from before."
        elif job.error is not None:
            self.problem = self.uploads.without_folder(str(job.error))
        elif isinstance(job.result, Curve):
            self.curve = job.result
        elif job.result is not None:
            self.before, self.now = self.now, job.result
            if self.before is not None:
                self.before.forget_details()
            self.answers += 1
            if self.answers % TIDY_EVERY == 0:
                gc.collect()


def session_of(state: Any) -> Session:
    """This session's own state within Streamlit's ``session_state``."""
    if KEY not in state:
        state[KEY] = Session()
    found: Session = state[KEY]
    return found


def changed_values(before: Scenario, now: Scenario) -> list[str]:
    """What differs between two scenarios, one line each."""
    old, new = ({row[0]: row[1] for row in scenario_values(one)} for one in (before, now))
    told = [] if before.name == now.name else [f"scenario: {before.name} → {now.name}"]
    told += [f"{key}: {_shown(old.get(key))} → {_shown(value)}" for key, value in new.items()
             if old.get(key) != value]  # fmt: skip
    plans = [{plan.name: plan for plan in one.plans} for one in (before, now)]
    told += [f"plan {name}: added" for name in plans[1] if name not in plans[0]]
    told += [f"plan {name}: gone" for name in plans[0] if name not in plans[1]]
    told += [f"plan {name}: other deals" for name, plan in plans[1].items()
             if name in plans[0] and plans[0][name].deals != plan.deals]  # fmt: skip
    return told


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:,.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
