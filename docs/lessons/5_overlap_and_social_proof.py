import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Lesson 5: overlap and social proof")


@app.cell
def _():
    import io

    import marimo as mo
    import numpy as np
    from matplotlib.figure import Figure

    import sim

    def percent(share, digits=0):
        return f"{100 * share:.{digits}f} %"

    def pictured(figure, alternative):
        """A figure with its content in words, for those who cannot see it and for the caption."""
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=110)
        return mo.image(png.getvalue(), alt=alternative, caption=alternative)

    return Figure, mo, np, percent, pictured, sim


@app.cell
def _(mo, sim):
    PROOF = sim.PARAMETERS["social_proof"].default
    HALF = sim.PARAMETERS["social_proof_half"].default
    mo.md(
        f"""
        # 5. Overlap and social proof

        *Followers who follow everybody in a niche: a waste, or a choir?* Twenty minutes.

        ## What you should know

        - **Overlap**: people who follow one beauty account tend to follow the next one, too. Ten audiences are then
          fewer people than their sum. No robust public figure exists; how strongly it happens here is an assumption
          (people differ in their appetite for following creators at all).
        - **Social proof**: who sees several friends endorse something buys it sooner. In an experiment with online
          health communities a behaviour spread further in clustered networks than in scattered ones (Centola 2010).
        - In this model s good reports raise the chance to buy by the factor 1 + {PROOF}·s/(s + {HALF:.0f}); both
          numbers are assumptions. So the two ideas pull apart: overlap costs reach, and clustering makes people hear
          it from several sides.
        """
    )
    return HALF, PROOF


@app.cell
def _(mo):
    guess_distinct = mo.ui.slider(
        10, 100, value=95, step=1, label="distinct people, in % of the ten audiences' sum (one niche)", show_value=True
    )
    guess_winner = mo.ui.radio(
        ["clustered sells more", "scattered sells more", "cannot be told from 10 replicates"],
        value="clustered sells more",
        label="local account whose followers are friends of one another, or equally many scattered over the country?",
    )
    go = mo.ui.run_button(label="Run (about 15 seconds)")
    mo.vstack(
        [
            mo.md(
                """
                ## Predict

                1. Ten beauty creators, each with 30,000 followers, in a market of two million. Put their audiences
                   together: how many per cent of the sum are *distinct* people?
                2. Same followers, fee, quality and posts; only *who knows whom* differs. Which sells more?
                """
            ),
            guess_distinct,
            guess_winner,
            go,
        ]
    )
    return go, guess_distinct, guess_winner


@app.cell
def _(go, mo, np, sim):
    mo.stop(
        not (go.value or mo.app_meta().mode == "script" or "run" in mo.cli_args()),
        mo.md("*Nothing has run yet: predict first, then press Run.*"),
    )
    NICHES = ("beauty", "fashion", "food", "fitness", "travel", "family", "home", "gaming", "pets", "finance")

    def distinct_people(niches):
        """People who follow at least one of the first 1, 2, … creators, and the sum of their audiences."""
        creators = ", ".join(
            f'{{ handle = "c{i}", followers = 30_000, niche = "{niche}", fake_share = 0.3 }}'
            for i, niche in enumerate(niches)
        )
        deals = ", ".join(f'{{ creator = "c{i}", fee = 407 }}' for i in range(len(niches)))
        world = sim.build_world(
            sim.load(
                "ten-micros-vs-one-celebrity",
                f"creator=[{creators}]",
                f'plan=[{{ name = "all", deals = [{deals}] }}]',
                people=20_000,
            )
        )
        follows = np.zeros(world.n_people, bool)
        distinct, total = [], []
        for i in range(len(niches)):
            audience = world.audience_of(world.index_of(f"c{i}"))
            follows[audience] = True
            distinct.append(int(follows.sum() * world.people_per_agent))
            total.append(int(len(audience) * world.people_per_agent) + (total[-1] if total else 0))
        return distinct, total

    one_niche, one_sum = distinct_people(["beauty"] * 10)
    ten_niches, ten_sum = distinct_people(NICHES)
    friends = sim.compare("social-proof", people=20_000, days=30, replicates=10)
    return friends, one_niche, one_sum, ten_niches, ten_sum


@app.cell
def _(Figure, guess_distinct, mo, one_niche, one_sum, percent, pictured, ten_niches, ten_sum):
    share_one, share_ten = one_niche[-1] / one_sum[-1], ten_niches[-1] / ten_sum[-1]
    by_chance = 2_000_000 * (1 - (1 - 21_000 / 2_000_000) ** 10) / 210_000
    _figure = Figure(figsize=(7, 3.8), layout="constrained")
    _axes = _figure.subplots()
    _at = range(1, 11)
    _axes.plot(_at, [v / 1000 for v in one_sum], color="0.6", linestyle=":", label="sum of audiences (one niche)")
    _axes.plot(_at, [v / 1000 for v in ten_niches], "o-", color="#0072B2", label="distinct people, ten niches")
    _axes.plot(_at, [v / 1000 for v in one_niche], "s--", color="#D55E00", label="distinct people, one niche")
    _axes.set(xlabel="creators booked", ylabel="people (thousands)", ylim=(0, None))
    _axes.legend(frameon=False)
    _words = (
        f"Distinct followers as creators are added: ten of one niche have {one_niche[-1]:,} "
        f"({percent(share_one)} of their sum), ten of ten niches {ten_niches[-1]:,} ({percent(share_ten)})."
    )
    mo.vstack(
        [
            mo.md(
                f"""
                ## Compare

                **Overlap.** You said **{guess_distinct.value} %**. In this society it is **{percent(share_one)}** for
                one niche, {percent(share_ten)} for ten niches, and it would be {percent(by_chance)} if everybody
                followed creators by chance alone. (One society, so there is no interval here: other societies and
                other seeds differ by a few points. Take home 1.)
                """
            ),
            pictured(_figure, _words),
        ]
    )
    return by_chance, share_one, share_ten


@app.cell
def _(HALF, PROOF, friends, guess_winner, mo):
    def factor(s):
        """How many times as likely to buy, after s good reports."""
        return 1 + PROOF * s / (s + HALF)

    orders = friends.difference("clustered", "scattered", "incremental_conversions")
    rate = friends.difference("clustered", "scattered", "conversion_rate")
    heard, reached = (
        sum(r.plans["clustered"].run.total(name) for r in friends.ensemble.replicates)
        for name in ("good_reports", "reached_followed")
    )
    told = {
        "a": "clustered sells more",
        "b": "scattered sells more",
        "undecided": f"cannot be told from {len(friends.ensemble.replicates)} replicates",
    }[orders.verdict]
    right = guess_winner.value == told
    _many = orders.replicates_needed
    needed = f"about {_many:,} replicates" if _many and _many < 10_000 else "more replicates than anybody will run"
    verdict = "Well judged." if right else "Never mind: at five times this size the answer is still undecided."
    mo.md(
        f"""
        **Social proof.** You said *{guess_winner.value}*. The answer is *{told}*: extra orders, clustered minus
        scattered, {orders.mean:+.1f} with a 95 % interval from {orders.low:.1f} to {orders.high:.1f}; orders per
        click {100 * rate.mean:+.2f} points, {100 * rate.low:.2f} to {100 * rate.high:.2f}. A difference as small as
        the one seen would take {needed}. {verdict}

        **Why so little?** Look at the mechanism. From no report to one the chance to buy rises {factor(1):.2f} times,
        to three {factor(3):.2f} times, and never beyond {1 + PROOF:.1f} times. But somebody has to *buy and tell*
        first: in all replicates together {reached:,} followers (agents) were reached by the clustered plan, and
        {heard:,} new good reports were seen. Orders are about one in ten thousand reached, so hardly anybody sees
        several. Centola's subjects all saw what their neighbours did. **That the model finds nothing is no proof that
        there is nothing**; it says that in a short campaign with few buyers this mechanism has little to work with.
        """
    )
    return factor, heard, orders, rate, reached, right, told


@app.cell
def _(mo):
    mo.md(
        """
        ## To take home

        1. Build the world again with `replicate=1`, `2`, … in `sim.build_world(…)`. How far does the overlap move? Is
           the difference between one niche and ten niches larger than that?
        2. `"parameters.appetite_shape=50.0"` makes all people equally ready to follow. Predict the overlap of one
           niche, then run.
        3. Give the product to 2,000 people of the harbour and to 2,000 anywhere: would social proof show then? Which
           plan would you write? (`seeding` in the guide.)
        """
    )
    return


@app.cell
def _(mo, percent, share_one, told):
    mo.accordion(
        {
            "For the teacher": mo.md(
                f"""
                **20 minutes:** 4 read, 3 predict, 2 run, 7 compare, 4 discuss "what does *undecided* allow you to
                say?".

                **Answers:** about {percent(share_one)}; *{told}*. 1: a few points, and yes. 2: nearer to what chance
                within a niche gives, which is less than for the whole market, since a niche has a tenth of the people.
                3: seeding makes reports without orders, so the mechanism gets something to work with.

                **Misconceptions:** "overlap is always bad" (it is frequency and confirmation, and bad for reach);
                "undecided = equal" (the interval shows what is still possible); "the experiment was right, so the model
                is wrong" (the experiment measured another situation).

                **Where the toy cannot tell:** all of question 2. That is the point of it: let the class say which
                replicates, people or mechanisms would be needed, before anybody raises a number.
                """
            )
        }
    )
    return


if __name__ == "__main__":
    app.run()
