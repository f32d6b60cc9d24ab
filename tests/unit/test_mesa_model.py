"""InfluenceModel is an ordinary Mesa model, and its agents and rules can be replaced."""

from __future__ import annotations

import types

import mesa
import pytest

import sim
import sim.rules

SMALL = "tests/samples/small.toml"


@pytest.fixture(scope="module")
def scenario(request):
    return sim.load(request.config.rootpath / SMALL)


def test_it_steps_and_collects_like_any_mesa_model(scenario):
    model = sim.model(scenario)
    assert isinstance(model, mesa.Model)
    for _ in range(3):
        model.step()
    table = model.datacollector.get_model_vars_dataframe()
    assert table["day"].tolist() == [0, 1, 2]
    assert table["reach"].is_monotonic_increasing
    assert len(model.agents) == model.world.n_people + model.world.n_creators
    assert model.day == 3
    assert model.running


def test_stepping_by_hand_and_running_give_one_record(scenario):
    stepped = sim.model(scenario)
    for _ in range(scenario.run.days):
        stepped.step()
    assert not stepped.running
    assert stepped.run().same_as(sim.run(scenario, engine="agents"))


def test_a_follower_can_be_subclassed(scenario):
    class Recluse(sim.Follower):
        def buy(self, *coins):  # noqa: ARG002
            return False

    class NobodyBuys(sim.InfluenceModel):
        follower_class = Recluse

    assert sim.model(scenario, kind=NobodyBuys).run().total("conversions_expected") == 0
    assert sim.model(scenario).run().total("conversions_expected") > 0


def test_a_rule_can_be_swapped(scenario):
    rules = types.SimpleNamespace(**vars(sim.rules))
    rules.click_probability = lambda *_: 0.0

    class NobodyClicks(sim.InfluenceModel):
        pass

    NobodyClicks.rules = rules
    assert sim.model(scenario, kind=NobodyClicks).run().total("clicks_drawn") == 0
    assert sim.model(scenario).run().total("clicks_expected") > 0
