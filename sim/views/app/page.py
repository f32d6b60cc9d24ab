"""The page of the app: controls at the side; run, stop and progress; then the results."""

from __future__ import annotations

import sys

import streamlit as st

from sim.errors import InputError
from sim.scenario.file import read_text
from sim.scenario.library import find, story
from sim.scenario.load import Scenario
from sim.views.app import controls, results
from sim.views.app.jobs import Job
from sim.views.app.question import OWN, asked_scenario, base_scenario, settings_of
from sim.views.app.state import COMPARISON, Session, session_of
from sim.views.page import tag
from sim.views.progress import time_left

POLL = 0.3
"""Seconds between two looks at the work that goes on."""


def show() -> None:
    """The whole page, from the top: Streamlit calls this at each click."""
    st.set_page_config(page_title="influence-sim", layout="wide")
    session = session_of(st.session_state)
    session.collect()
    results.style()
    st.title("influence-sim", anchor=False)
    with st.sidebar:
        choice = controls.choose(sys.argv[1] if len(sys.argv) > 1 else None)
        controls.upload(session.uploads, choice)
    scenario, live = _asked(session, choice)
    _buttons(session, scenario, live)
    with st.container():
        _say(session, scenario)
    results.show(session, scenario)


def _say(session: Session, scenario: Scenario | None) -> None:
    """Progress and remarks, in a box of their own: what stands below keeps its place, and the tab that is open."""
    if session.job is not None:
        _progress()
    if session.problem:
        complain(session.problem)
    if session.note:
        st.info(session.note)
    if session.now is not None and (scenario is None or scenario.digest("") != session.now.key):
        controls.quiet("The results below are of the settings before.")


def _asked(session: Session, choice: str) -> tuple[Scenario | None, bool]:
    """The scenario as the controls say; None where that cannot be run, which is told. And whether to run at once."""
    place = st.container()
    try:
        base = base_scenario(choice, session.uploads)
        with st.sidebar:
            setting = controls.choose_setting(choice, settings_of(choice, session.uploads), session.uploads)
        if setting:
            base = base_scenario(choice, session.uploads, setting)
    except InputError as error:
        with place:
            complain(session.uploads.without_folder(str(error)))
        return None, False
    question = base.question if choice == OWN else story(read_text(find(choice))).question
    with place:
        st.html(tag("p", question or base.name, "question"))
    with st.sidebar:
        settings = controls.ask(choice, setting, base, session.uploads)
    try:
        return asked_scenario(settings.question, session.uploads, base), settings.live
    except InputError as error:
        with place:
            complain(session.uploads.without_folder(str(error)))
        return None, False


def complain(message: str) -> None:
    """What is wrong, in the words of the command line."""
    st.html(f'<div class="problem" role="alert">{tag("pre", message)}</div>')


def _buttons(session: Session, scenario: Scenario | None, live: bool) -> None:
    run, stop = st.columns(2)
    key = "" if scenario is None else scenario.digest("")
    clicked = run.button("Run", type="primary", disabled=scenario is None, width="stretch", key="run")
    changed = live and session.now is not None and key not in ("", session.asked)
    if scenario is not None and (clicked or changed):
        session.compare(scenario, key)
    if stop.button("Stop", disabled=not session.running, width="stretch", key="stop"):
        session.stop()


@st.fragment(run_every=POLL)
def _progress() -> None:
    """How far the work is; at its end the page is made again."""
    session = session_of(st.session_state)
    job = session.job
    if job is None or job.finished:
        st.rerun(scope="app")
    else:
        st.progress(job.done / max(job.total, 1), text=progress_text(job))


def progress_text(job: Job) -> str:
    """ "comparison: simulating, 2 of 4, 1 s left"."""
    if job.stopped:
        return f"{job.name}: stopping after this replicate"
    what = "comparison" if job.name == COMPARISON else "split curve"
    if not job.done:
        return f"{what}: {job.words}"
    return f"{what}: {job.words}, {job.done} of {job.total}, {time_left(job.done, job.total, job.seconds)}"
