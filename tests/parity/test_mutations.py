"""A kernel with one line changed must be caught: the parity test is only worth what it notices."""

from __future__ import annotations

import inspect
import types

import numpy as np
import pytest

import sim
import sim.rules
from sim.engine.compiling import ENTRIES, LOOPS, compile_kernel, standard_kernel
from sim.engine.kernel import simulate_compiled

MUTATIONS = [
    ("react", "if u_engage < engage:", "if u_share < engage:"),
    ("take_in_all", "if source >= RESHARED:", "if source > RESHARED:"),
    ("buy_unexposed", "S_BUY + day", "S_BUY + day + 1"),
    ("after_clicks", "no_click = product_of_misses(no_click, clicks.chance[at])", "no_click = no_click"),
    ("settle", "person.exposures += sponsored[at]", "person.exposures += 0.0"),
    ("settle", "person.attitude = moved_attitude(person.attitude, from_fixed(change[at]))", "pass"),
    ("keep_prospect", "prospects.attitude[at] = person.attitude", "pass"),
    ("meet", "if source < person.source", "if source > person.source"),
    ("meet", "catch_up(person, rates, day)", "pass"),
    ("to_followers", "before <= bin_keys[at] < now", "before < bin_keys[at] * 1.001 < now"),
    ("to_strangers", "place.niche_members[low + int(u[1] * size)]", "place.niche_members[low + int(u[2] * size)]"),
    ("through_peers", "unit(words[k]) < sees", "unit(words[BATCH + k]) < sees"),
    ("trust_all", "segment_trust[known[records[low + k]].segment]", "segment_trust[0]"),
    ("buy_exposed", "purchase_probability(base, at_stake, offer)", "purchase_probability(base, at_stake, 1.0)"),
]
MORE = [
    ("react", "if flags & SHARED == 0:", "if True:"),
    ("respond", "S_TRUST, key, trusts", "S_PEER_TRUST, key, trusts"),
    ("trust_all", "if source < RESHARED:", "if source <= RESHARED:"),
    ("click_on", "clicked - 1 < day", "clicked - 1 <= day"),
    ("take_in_all", "fixed(gain * post.word)", "fixed(gain)"),
    ("buy_exposed", "S_BUY + day", "S_BUY + day + 1"),
    ("note_clicks", "previous[at] = last[person.today]", "previous[at] = -1"),
    ("join_all", "coins[BATCH + k]", "coins[k]"),
    ("trust_all", "if author.found and", "if False and"),
    ("trust_all", "if author.regarded and", "if False and"),
    ("react_all", "interest[post.voice, person.niche, person.region]", "interest[post.voice, person.niche, 0]"),
    ("take_in_all", "fit, post.persuasion", "fit, 1.0"),
    ("after_clicks", "fixed(chance * clicks.discount[at])", "fixed(chance)"),
]
"""What takes longest to compile: in the slow tier."""


@pytest.fixture(scope="module")
def lively(request):
    """A world on which every mechanism acts, and what the agents make of it; the unchanged kernel makes the same.

    So the standard kernel is made before anything is replaced: made later, it would take the change into this process,
    and into the machine code that is kept on disk.
    """
    scenario = sim.load(
        request.config.rootpath / "tests/samples/everything.toml",
        *(f"parameters.{name}={value}" for name, value in (
            ("share_rate", 0.1), ("click_rate", 0.6), ("need_share", 0.9), ("conversion_rate", 0.3), ("talk_rate", 0.9),
            ("base_visit", 0.05), ("unfollow_rate", 0.2), ("follow_rate", 0.5), ("trust_on_purchase", 1),
            ("price_elasticity", 3), ("price_reference", 48))),
        "product.quality=0.4",
    )  # fmt: skip
    world = sim.build_world(scenario)
    campaign = sim.make_campaign(scenario, scenario.plan("all-terms"), world)
    agents = simulate(world, campaign, scenario.rates)
    unchanged = simulate_compiled(world, campaign, scenario.rates, 7, 0, kernel=standard_kernel())
    assert unchanged.same_as(agents)
    return world, campaign, scenario.rates, agents


def simulate(world, campaign, rates):
    return sim.simulate(world, campaign, rates, 7, engine="agents")


def mutated(monkeypatch, function, old, new):
    """The kernel with one piece of one function replaced; only entries of modules that know it are compiled anew."""
    loops = next(
        loops for loops in LOOPS if getattr(getattr(loops, function, None), "__module__", "") == loops.__name__
    )
    source = inspect.getsource(getattr(loops, function))
    assert source.count(old) >= 1, (function, old)
    scope = dict(vars(loops))
    exec(compile(source.replace(old, new, 1), loops.__file__, "exec"), scope)
    changed = types.FunctionType(scope[function].__code__, vars(loops), function)
    for module in LOOPS:  # a function stands in its own module, and in those that import it
        if hasattr(module, function):
            monkeypatch.setattr(module, function, changed)
    anew, kernel = compile_kernel(sim.rules), types.SimpleNamespace(**vars(standard_kernel()))
    knowing = {module.__name__ for module in LOOPS if hasattr(module, function)}
    for name in ENTRIES:
        if any(getattr(vars(module).get(name), "__module__", "") in knowing for module in LOOPS):
            setattr(kernel, name, getattr(anew, name))
    return kernel


@pytest.mark.parametrize(
    ("function", "old", "new"),
    [pytest.param(*one, marks=pytest.mark.full) for one in MUTATIONS]
    + [pytest.param(*one, marks=pytest.mark.slow) for one in MORE],
)
def test_a_changed_line_is_caught(function, old, new, lively, monkeypatch):
    world, campaign, rates, agents = lively
    kernel = mutated(monkeypatch, function, old, new)
    run = simulate_compiled(world, campaign, rates, 7, 0, kernel=kernel)
    assert not run.same_as(agents)


@pytest.mark.slow
def test_the_unchanged_kernel_passes(lively):
    world, campaign, rates, agents = lively
    assert simulate_compiled(world, campaign, rates, 7, 0, kernel=compile_kernel(sim.rules)).same_as(agents)


@pytest.mark.full
def test_a_users_own_rule_is_compiled_in(lively):
    world, campaign, rates, _ = lively
    rules = types.SimpleNamespace(**vars(sim.rules))
    rules.click_probability = _nobody_clicks
    run = simulate_compiled(world, campaign, rates, 7, 0, kernel=compile_kernel(rules), rules=rules)
    assert run.total("clicks_drawn") == 0
    assert np.all(run.daily["engagements_drawn"] >= 0)


def _nobody_clicks(rate, trust, trust_reference, product_relevance, fit, pull):  # noqa: ARG001
    return 0.0
