"""Same question, same bytes; and what one plan, creator or person may not change for another."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import sim
from sim.engine.simulate import simulate
from sim.ensemble import run_ensemble, run_replicate

SMALL = "tests/samples/small.toml"


@pytest.fixture(scope="module")
def scenario(request):
    return sim.load(request.config.rootpath / SMALL)


def run_of(scenario, plan, engine, **options):
    return sim.run(scenario, plan, engine=engine, **options)


def other_plans_are_equal(before, after):
    return all(before.plans[name].run.same_as(after.plans[name].run) for name in before.plans)


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_two_processes_give_the_same_bytes(engine, request):
    code = (
        "import sim, hashlib; run = sim.run(sim.load(%r), engine=%r);"
        "arrays = run.to_arrays(); joined = b''.join(arrays[k].tobytes() for k in sorted(arrays));"
        "print(hashlib.sha256(joined).hexdigest())"
    )
    path = str(request.config.rootpath / SMALL)
    printed = [
        subprocess.run([sys.executable, "-c", code % (path, engine)], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert printed[0] == printed[1]
    assert len(printed[0]) == 65


def test_another_seed_gives_another_result(scenario, engine, request):
    other = sim.load(request.config.rootpath / SMALL, seed=scenario.run.seed + 1)
    assert run_of(scenario, None, engine).same_as(run_of(scenario, None, engine))
    assert not run_of(scenario, None, engine).same_as(run_of(other, None, engine))
    assert not run_of(scenario, None, engine).same_as(run_of(scenario, None, engine, replicate=1))


def test_before_a_plan_starts_it_equals_none(engine, request):
    late = sim.load(request.config.rootpath / SMALL, "plan.one-big.deals.big.start=4")
    plan, none = run_of(late, "one-big", engine), run_of(late, "none", engine)
    for name, column in plan.daily.items():
        assert column[:4].tolist() == none.daily[name][:4].tolist(), name
    assert plan.daily["impressions_followed"][4:].sum() > 0


def test_another_plan_or_creator_changes_no_plan(scenario, engine, tmp_path, request):
    text = (request.config.rootpath / SMALL).read_text()
    more = text.replace("creator = [", 'creator = [\n    { handle = "extra", followers = 2_500 },', 1)
    more += '\n[[plan]]\nname = "added"\ndeals = [{ creator = "extra", posts = 2, fee = 10 }]\n'
    assert more.count("extra") == 2
    (tmp_path / "more.toml").write_text(more)
    before = run_replicate(scenario, 1, engine)
    after = run_replicate(sim.load(tmp_path / "more.toml"), 1, engine)
    assert set(after.plans) == {*before.plans, "added"}
    for name, plan in before.plans.items():
        mine, theirs = plan.run, after.plans[name].run
        for column in mine.daily:
            assert mine.daily[column].tolist() == theirs.daily[column].tolist(), (name, column)
        kept = [theirs.handles.index(handle) for handle in mine.handles]
        for column in mine.by_creator:
            assert mine.by_creator[column].tolist() == theirs.by_creator[column][kept].tolist(), (name, column)


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_the_first_replicates_do_not_depend_on_how_many_follow(engine, request):
    few, many = (
        run_ensemble(sim.load(request.config.rootpath / SMALL, replicates=n), engine=engine, workers=1) for n in (2, 4)
    )
    for first, second in zip(few.replicates, many.replicates, strict=False):
        assert other_plans_are_equal(first, second)


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_workers_do_not_change_results(scenario, engine):
    one, two = (run_ensemble(scenario, engine=engine, workers=workers) for workers in (1, 2))
    for first, second in zip(one.replicates, two.replicates, strict=True):
        assert other_plans_are_equal(first, second)
        assert first.world_digest == second.world_digest


def test_recording_people_changes_no_figure(scenario, engine):
    plain, recorded = (run_of(scenario, None, engine, record=people) for people in ((), range(500)))
    assert len(plain.events) == 0
    assert len(recorded.events) > 20
    assert set(recorded.events["person"]) <= set(range(500))
    for name, column in plain.daily.items():
        assert column.tolist() == recorded.daily[name].tolist()
    order = np.lexsort([recorded.events[f] for f in ("kind", "shower", "post", "person", "day")])
    assert order.tolist() == list(range(len(order)))


def test_one_more_follower_changes_nobody_elses_record(
    engine, make_society, make_world, make_posts, neutral, append_follower
):
    """Trust given, ranking and recommendation off: nobody but those the new follower reshares to could change."""
    rng = np.random.default_rng(2)
    n = 300
    arcs = [(int(a), int(b)) for a, b in rng.integers(0, n, (1500, 2)) if a != b]
    society = make_society(n, arcs, need=rng.random(n), activity=rng.random(n) + 0.5)
    world = make_world(society, [range(100), range(50, 200)])
    rates = neutral(
        reach=0.7, peer_reach=0.4, share_rate=0.2, click_rate=0.3, conversion_rate=0.5, base_visit=0.02, visit_rate=0.2,
        persuasion=0.3, talk_rate=0.5, trust_noise=0.2, unfollow_rate=0.1, endorsement=0.8,
    )  # fmt: skip
    campaign = make_posts(world, rates, [(0, 0), (1, 1), (0, 3)], 8)
    bigger = append_follower(world, 0)
    before = simulate(world, campaign, rates, 4, 0, range(n), engine=engine)
    after = simulate(bigger, campaign, rates, 4, 0, range(n + 1), engine=engine)
    mine = after.events[after.events["person"] == n]
    others = after.events[after.events["person"] != n]
    assert len(mine) > 0
    assert len(others) > 100
    assert others.tobytes() == before.events.tobytes()


@pytest.mark.parametrize("people", [range(-1, 3), [10**9], range(10_001)])
def test_people_who_cannot_be_recorded_are_refused(scenario, engine, people):
    with pytest.raises(sim.InputError, match="cannot record"):
        run_of(scenario, None, engine, record=people)
