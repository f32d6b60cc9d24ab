"""The people of the model as Mesa agents: Creator and Follower.

Their methods read as the steps of the day; every number comes from a rule of ``sim.rules``, reached as
``self.model.rules`` so that a user can swap one rule or subclass one agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim.engine.creator_state import CreatorState
from sim.engine.exposures import Click, Exposure
from sim.engine.posts import NO_CREATOR, LivePost, find_out
from sim.record import Event, Source

if TYPE_CHECKING:
    from sim.engine.model import InfluenceModel

NEVER = -1


class Creator(mesa.Agent):  # type: ignore[misc]
    """A creator: publishes posts to followers, who come and go."""

    model: InfluenceModel

    def __init__(self, model: InfluenceModel, number: int) -> None:
        super().__init__(model)
        world = model.world
        self.number = number
        self.handle = world.handles[number]
        self.niche = int(world.niche[number])
        self.node = int(world.node[number])
        self.state = CreatorState(world, model.campaign, model.rates, model.rules, number)
        self.followers: set[int] = set(world.audience_of(number).tolist())
        self.seen_by: set[int] = set()
        self.betrayed: set[int] = set()

    def wake(self) -> None:
        """The day begins: how trusted and how rested the creator is; a hidden ad may be found out."""
        model = self.model
        self.state.wake(model.day)
        if self.state.found_out == model.day:
            self.betrayed = set(self.seen_by)
            find_out(model.posts, self.number, model.rules, model.rates)

    def publish(self, post: LivePost) -> None:
        """Put a post before today's followers: each will see it when its coverage passes their viewing key."""
        people = np.array(sorted(self.followers - {self.node}), dtype=np.int64)
        keys = self.model.viewing_keys(people, post)
        order = np.lexsort((people, keys))
        post.audience, post.keys, post.members = people[order], keys[order], frozenset(people.tolist())

    def gain(self, person: int) -> None:
        """A new follower, from the next post on."""
        if person not in self.followers:
            self.followers.add(person)
            self.model.tally.count("followers_gained", self.model.day, creator=self.number)

    def lose(self, person: int) -> None:
        """A follower leaves; later posts are not delivered."""
        if person in self.followers:
            self.followers.remove(person)
            self.model.tally.count("followers_lost", self.model.day, creator=self.number)


class Follower(mesa.Agent):  # type: ignore[misc]
    """A person: sees posts, responds, may visit the shop and buy, and may talk about it."""

    model: InfluenceModel

    def __init__(
        self, model: InfluenceModel, person: int, niche: int, region: int, segment: int, expressiveness: float,
        skepticism: float, need: float, owners_followed: int,
    ) -> None:  # fmt: skip
        super().__init__(model)
        self.person, self.niche, self.region, self.segment = person, niche, region, segment
        self.expressiveness, self.skepticism, self.need = expressiveness, skepticism, need
        self.attitude = 0.0
        self.exposures = 0.0
        self.good_reports = owners_followed
        self.bad_reports = 0
        self.reached_day = NEVER
        self.bought_day, self.bought_from = NEVER, NO_CREATOR
        self.last_click = NO_CREATOR
        self.updated_day = 0
        self.clicks: list[Click] = []
        self.regard: dict[int, float] = {}
        self._reports_today: dict[int, int] = {}
        self._change = 0
        self._sponsored_today = 0
        self._good_today = 0
        self._bad_today = 0

    # --- 3. respond

    def respond(self, exposures: list[Exposure]) -> None:
        """Decide on every exposure of the day from the state at its start."""
        self.catch_up()
        if self.reached_day == NEVER:
            self._first_reached(min(exposure.source for exposure in exposures))
        for exposure in exposures:
            self._count_impression(exposure)
            engaged = self._engage(exposure)
            self._share(exposure)
            if exposure.post.sponsored:
                self._click(exposure)
                self._stay_or_leave(exposure)
            if engaged and exposure.source == Source.RECOMMENDED:
                self._follow(exposure)
            if exposure.post.word != 0:
                self._take_in(exposure)

    def catch_up(self) -> None:
        """Let attitude and the exposure count fade over the nights since they were last looked at."""
        rules, rates, day = self.model.rules, self.model.rates, self.model.day
        nights = day - self.updated_day
        if nights:
            self.attitude = rules.faded(self.attitude, rates.attitude_memory, nights)
            self.exposures = rules.faded(self.exposures, rates.exposure_memory, nights)
            self.updated_day = day

    def _first_reached(self, source: int) -> None:
        model = self.model
        self.reached_day = model.day
        model.tally.count(f"reached_{Source(source).name.lower()}", model.day)
        model.tally.place("reach", self.niche, self.region)
        model.reached.append(self.person)

    def _count_impression(self, exposure: Exposure) -> None:
        model, post = self.model, exposure.post
        model.tally.count(f"impressions_{Source(exposure.source).name.lower()}", model.day)
        post.seen.add(self.person)
        if post.creator != NO_CREATOR:
            model.tally.by_creator["impressions"][post.creator] += 1
            model.tally.by_creator["impressions_followed"][post.creator] += exposure.source == Source.FOLLOWED
            seen_by = model.creators[post.creator].seen_by
            if self.person not in seen_by:
                seen_by.add(self.person)
                model.tally.by_creator["reach"][post.creator] += 1
        model.note(Event.SEE, self.person, exposure, exposure.trust)

    def relevance(self, post: LivePost) -> float:
        """Interest in the post's topic, as far as its language is understood."""
        return float(self.model.interest[post.voice][self.niche][self.region])

    def product_relevance(self, post: LivePost) -> float:
        """Interest in the product through this post; 0 where it is not sold."""
        return float(self.model.product_relevance[post.voice][self.niche][self.region])

    def trust_in(self, creator: Creator, u: float) -> float:
        """Trust in a creator, followed or not, with the personal difference ``u``."""
        model, rates = self.model, self.model.rates
        mean = creator.state.trust if self.person in creator.followers else rates.trust_floor
        regard = self.regard.get(creator.number, 0.0)
        damage = rates.betrayal if self.person in creator.betrayed else 0.0
        segment = model.trust_of_segment[self.segment]
        return float(model.rules.trust_in_creator(mean, u, rates.trust_noise, segment, regard, damage))

    def _engage(self, exposure: Exposure) -> bool:
        model, rates, post = self.model, self.model.rates, exposure.post
        p = model.rules.engage_probability(
            rates.engagement_rate, self.expressiveness, post.quality, exposure.trust, rates.trust_reference,
            self.relevance(post), rates.ad_aversion, self.skepticism, post.aversion,
        )  # fmt: skip
        if exposure.source == Source.FOLLOWED:
            post.engagement_sum += model.rules.fixed(p)
        if self.person in post.engaged:
            return False
        model.tally.count("engagements_expected", model.day, model.rules.fixed(p), post.creator)
        if exposure.u_engage >= p:
            return False
        post.engaged.add(self.person)
        model.tally.count("engagements_drawn", model.day, 1, post.creator)
        model.note(Event.ENGAGE, self.person, exposure, p)
        return True

    def _share(self, exposure: Exposure) -> None:
        model, rates, post = self.model, self.model.rates, exposure.post
        if self.person in post.shared:
            return
        from_sharer = exposure.source in (Source.RESHARED, Source.WORD) and exposure.shower != post.person
        pull = model.rules.share_pull(post.quality, post.appeal, from_sharer, rates.share_appeal_cap)
        p = model.rules.share_probability(rates.share_rate, self.expressiveness, self.relevance(post), pull)
        model.tally.count("shares_expected", model.day, model.rules.fixed(p), post.creator)
        if exposure.u_share < p:
            post.shared.add(self.person)
            post.sharers_today.append(self.person)
            model.tally.count("shares_drawn", model.day, 1, post.creator)
            model.note(Event.SHARE, self.person, exposure, p)

    def _click(self, exposure: Exposure) -> None:
        model, rates, post = self.model, self.model.rates, exposure.post
        if post.clicked_before(self.person, model.day):
            return
        fit = model.rules.fit_factor(post.fit, rates.fit_floor)
        p = model.rules.click_probability(
            rates.click_rate, exposure.trust, rates.trust_reference, self.product_relevance(post), fit, post.click
        )
        happened = exposure.u_click < p
        self.clicks.append(Click(p, exposure.trust, post, happened))
        if self.person in post.clicked:
            return
        model.tally.count("clicks_expected", model.day, model.rules.fixed(p), post.creator)
        if happened:
            post.clicked[self.person] = model.day
            model.tally.count("clicks_drawn", model.day, 1, post.creator)
            model.note(Event.CLICK, self.person, exposure, p)

    def _stay_or_leave(self, exposure: Exposure) -> None:
        model, rates, post = self.model, self.model.rates, exposure.post
        if exposure.source != Source.FOLLOWED:
            return
        p = model.rules.unfollow_probability(
            rates.unfollow_rate, post.ad, exposure.trust, self.product_relevance(post), post.fit, rates.unfollow_shield
        )
        if exposure.u_unfollow < p:
            model.leaving.append((post.creator, self.person))
            model.note(Event.UNFOLLOW, self.person, exposure, p)

    def _follow(self, exposure: Exposure) -> None:
        model = self.model
        if exposure.u_follow < model.rates.follow_rate:
            model.joining.append((exposure.post.creator, self.person))
            model.note(Event.FOLLOW, self.person, exposure, model.rates.follow_rate)

    def _take_in(self, exposure: Exposure) -> None:
        """Attitude moved by this exposure, and what peers were seen to say."""
        model, rates, post = self.model, self.model.rates, exposure.post
        fit = model.rules.fit_factor(post.fit, rates.fit_floor)
        earlier = self.exposures if post.sponsored else 0.0
        gain = model.rules.persuasion_gain(
            rates.persuasion, exposure.trust, self.product_relevance(post), fit, post.persuasion, earlier,
            rates.wear_peak,
        )  # fmt: skip
        self._change += model.rules.fixed(gain * post.word)
        if post.seller != NO_CREATOR:
            self._reports_today[post.seller] = self._reports_today.get(post.seller, 0) + post.word
        self._sponsored_today += post.sponsored
        if exposure.source >= Source.RESHARED:
            self._good_today += post.word > 0
            self._bad_today += post.word < 0

    # --- 4. buy

    def buy(self, u_visit: float, u_buy: float) -> bool:
        """Visit the shop and buy, or not; add up the probability of it beside the drawn outcome."""
        model, rates, rules = self.model, self.model.rates, self.model.rules
        self.catch_up()
        proof = rules.proof_factor(float(self.good_reports), float(self.bad_reports), rates.social_proof,
                                   rates.social_proof_half, rates.bad_word, rates.bad_word_half)  # fmt: skip
        base = rules.purchase_base(rates.conversion_rate, self.need, rates.attitude_effect, self.attitude,
                                   model.campaign.price_factor, proof)  # fmt: skip
        no_click = self._expect_clicked(base)
        visit = rules.visit_probability(rates.base_visit, rates.visit_rate, self.attitude)
        unclicked = rules.purchase_probability(base, 1.0, 1.0)
        self._expect(rules.fixed(no_click * visit * unclicked), self.last_click)
        clicked = next((click for click in reversed(self.clicks) if click.happened), None)
        if clicked is not None:
            trust = rules.trust_factor(clicked.trust, rates.trust_reference, rates.trust_on_purchase)
            bought = u_buy < rules.purchase_probability(base, trust, clicked.post.offer)
        else:
            bought = u_visit < visit and u_buy < unclicked
        if bought:
            self._bought(clicked.post.creator if clicked is not None else self.last_click)
        return bool(bought)

    def _expect_clicked(self, base: float) -> float:
        """Expected purchases after today's clicks, the last click counting; returns the chance of no click."""
        rates, rules = self.model.rates, self.model.rules
        no_click = 1.0
        for click in reversed(self.clicks):
            trust = rules.trust_factor(click.trust, rates.trust_reference, rates.trust_on_purchase)
            chance = no_click * click.probability * rules.purchase_probability(base, trust, click.post.offer)
            self._expect(rules.fixed(chance), click.post.creator)
            if click.post.discount > 0.0:
                discount = rules.fixed(chance * click.post.discount)
                self.model.tally.count("discounts_expected", self.model.day, discount, click.post.creator)
            no_click = rules.product_of_misses(no_click, click.probability)
        return no_click

    def _expect(self, amount: int, creator: int) -> None:
        tally, day = self.model.tally, self.model.day
        tally.count("conversions_expected", day, amount)
        tally.place("conversions_expected", self.niche, self.region, amount)
        if creator == NO_CREATOR:
            tally.count("halo_expected", day, amount)
        else:
            tally.by_creator["attributed_expected"][creator] += amount

    def _bought(self, creator: int) -> None:
        model = self.model
        self.bought_day, self.bought_from = model.day, creator
        model.tally.count("conversions_drawn", model.day)
        model.tally.place("conversions_drawn", self.niche, self.region)
        if creator != NO_CREATOR:
            model.tally.by_creator["attributed_drawn"][creator] += 1
        model.note(Event.BUY, self.person, None, float(creator))

    # --- 6. learn

    def settle(self) -> None:
        """Apply what the day's exposures changed."""
        rules = self.model.rules
        self.attitude = rules.moved_attitude(self.attitude, rules.from_fixed(self._change))
        self.exposures += self._sponsored_today
        self.good_reports += self._good_today
        self.bad_reports += self._bad_today
        effect = self.model.rates.word_on_creator
        for seller, reports in self._reports_today.items():
            self.regard[seller] = rules.regard_after(self.regard.get(seller, 0.0), float(reports), effect)
        for click in self.clicks:
            if click.happened:
                self.last_click = click.post.creator
        self.clicks, self._reports_today = [], {}
        self._change = self._sponsored_today = self._good_today = self._bad_today = 0


def follower_columns(world: Any) -> dict[str, list[Any]]:
    """The fixed attributes of every Follower, as plain Python values."""
    society, segments = world.society, world.segments
    columns = {
        "niche": society.niche, "region": society.region, "segment": segments.of,
        "expressiveness": society.expressiveness, "skepticism": segments.skepticism, "need": world.need,
        "owners_followed": world.owners_followed,
    }  # fmt: skip
    return {"person": list(range(society.n_people)), **{name: column.tolist() for name, column in columns.items()}}
