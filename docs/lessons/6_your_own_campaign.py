import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Lesson 6: design your own campaign and defend it")


@app.cell
def _():
    import io

    import marimo as mo
    from matplotlib.figure import Figure

    import sim

    def pictured(figure, alternative):
        """A figure with its content in words, for those who cannot see it and for the caption."""
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=110)
        return mo.image(png.getvalue(), alt=alternative, caption=alternative)

    return Figure, mo, pictured, sim


@app.cell
def _(mo, sim):
    def market_price(followers):
        """USD for one post on the price curve."""
        rates = sim.PARAMETERS
        return rates["price_constant"].default * (followers / 10_000) ** rates["price_exponent"].default

    MICRO, LARGE = 30_000, 450_000
    MICRO_FEE, LARGE_FEE = round(market_price(MICRO)), 10 * round(market_price(MICRO))
    BUDGET = 3 * LARGE_FEE
    mo.md(
        f"""
        # 6. Design your own campaign, and defend it

        *You have {BUDGET:,} USD. What do you book, what do you claim, and does the claim survive?* Twenty minutes.

        ## What you should know

        - A serum for 48 USD; one niche of ten, beauty, cares most. You may book **beauty micros** of {MICRO:,}
          followers ({MICRO_FEE} USD a post), **micros of other niches** (the same), and **one general account** of
          {LARGE:,} ({LARGE_FEE:,} USD a post), at market prices ({sim.PARAMETERS["price_exponent"].source}).
        - Your rival spends the whole budget on three posts by the large account.
        - A claim is worth what it survives. So yours will be tried on **other luck** (seeds that you have not seen),
          with
          **nobody winning trust by answering**, and with a **feed by date** that does not rank or recommend.
        """
    )
    return BUDGET, LARGE, LARGE_FEE, MICRO, MICRO_FEE


@app.cell
def _(mo):
    beauty = mo.ui.slider(0, 10, value=7, step=1, label="beauty micros", show_value=True)
    others = mo.ui.slider(0, 9, value=0, step=1, label="micros of other niches", show_value=True)
    posts = mo.ui.slider(1, 4, value=2, step=1, label="posts of each micro", show_value=True)
    large = mo.ui.slider(0, 3, value=1, step=1, label="posts by the large account", show_value=True)
    FIGURES = {"people reached": "reach", "engagements": "engagements", "clicks": "clicks",
               "extra orders": "incremental_conversions"}  # fmt: skip
    claim = mo.ui.dropdown(list(FIGURES), value="clicks", label="I claim more")
    guess = mo.ui.slider(0.2, 5.0, value=1.5, step=0.1, label="times as much as the rival", show_value=True)
    go = mo.ui.run_button(label="Run (about 20 seconds)")
    return FIGURES, beauty, claim, go, guess, large, others, posts


@app.cell
def _(BUDGET, LARGE_FEE, MICRO_FEE, beauty, claim, go, guess, large, mo, others, posts):
    cost = (beauty.value + others.value) * posts.value * MICRO_FEE + large.value * LARGE_FEE
    empty = cost == 0
    affordable = not empty and cost <= BUDGET
    mo.vstack(
        [
            mo.md(
                """
                ## Predict

                Design your plan, choose the figure on which you want to beat the rival, and say by how much. Write one
                sentence that says **why**, with words of lessons 1 to 5.
                """
            ),
            mo.hstack([mo.vstack([beauty, others, posts, large]), mo.vstack([claim, guess])], justify="start", gap=3),
            mo.callout(
                mo.md(
                    f"Costs **{cost:,} USD** of {BUDGET:,}"
                    + ("." if affordable else ": book something." if empty else ": too much. Book less.")
                ),
                kind="success" if affordable else "danger",
            ),
            go,
        ]
    )
    return affordable, cost


@app.cell
def _(LARGE, LARGE_FEE, MICRO, MICRO_FEE, affordable, beauty, go, large, mo, others, posts, sim):
    mo.stop(
        not (go.value or mo.app_meta().mode == "script" or "run" in mo.cli_args()) or not affordable,
        mo.md("*Nothing has run yet: design a plan that the budget can pay, then press Run.*"),
    )
    _niches = ["beauty"] * beauty.value + [
        "fashion", "food", "fitness", "travel", "family", "home", "gaming", "pets", "finance",
    ][: others.value]  # fmt: skip
    _creators = [
        f'{{ handle = "micro-{i}", followers = {MICRO}, niche = "{niche}" }}' for i, niche in enumerate(_niches)
    ]
    _deals = [
        f'{{ creator = "micro-{i}", posts = {posts.value}, every = 7, fee = {MICRO_FEE} }}' for i in range(len(_niches))
    ]
    _star = f'creator = "large", every = 7, fee = {LARGE_FEE}'
    if large.value:
        _deals.append(f"{{ {_star}, posts = {large.value} }}")
    DESIGN = (
        f"creator=[{', '.join([*_creators, f'{{ handle = {chr(34)}large{chr(34)}, followers = {LARGE} }}'])}]",
        f'plan=[{{ name = "mine", deals = [{", ".join(_deals)}] }}, '
        f'{{ name = "rival", deals = [{{ {_star}, posts = 3 }}] }}]',
    )
    TRIALS = {
        "as designed": ((), 1),
        "other luck": ((), 2),
        "nobody wins trust by answering": (("parameters.trust_gain=0.0",), 1),
        "a feed by date": (("parameters.rank_exponent=0.0", "parameters.recommended_share=0.0"), 1),
    }
    answers = {
        name: sim.compare(
            "ten-micros-vs-one-celebrity", *DESIGN, *changes, people=20_000, days=30, replicates=10, seed=seed
        )
        for name, (changes, seed) in TRIALS.items()
    }
    return (answers,)


@app.cell
def _(FIGURES, answers, claim, cost, guess, mo):
    found = {name: answer.difference("mine", "rival", FIGURES[claim.value]) for name, answer in answers.items()}
    VERDICTS = {"a": "holds", "b": "contradicted", "undecided": "undecided"}
    rows = [
        {
            "tried": name,
            "mine ÷ rival": "–" if row.ratio is None else f"{row.ratio:.2f}",
            "difference": f"{row.mean:,.0f} ({row.low:,.0f} to {row.high:,.0f})",
            "my claim": VERDICTS[row.verdict],
        }
        for name, row in found.items()
    ]
    held = sum(row.verdict == "a" for row in found.values())
    lost = sum(row.verdict == "b" for row in found.values())
    if held == len(found):
        judged = "It survived everything. Now ask what it was *not* tried on."
    elif lost:
        judged = "It was contradicted. Good: now you know on what it hangs. Say so in your defence."
    else:
        judged = "Where it is undecided, you may not claim it. Claim less, or ask for more replicates."
    mo.vstack(
        [
            mo.md(
                f"""
                ## Compare

                You claimed **{guess.value:.1f} times** the rival's {claim.value} for {cost:,} USD. Here is what came
                out; the intervals (95 %) are of the paired difference over ten replicates.
                """
            ),
            mo.ui.table(rows, selection=None, pagination=False),
            mo.md(f"Your claim holds in **{held} of {len(found)}** trials. {judged}"),
        ]
    )
    return found, held, lost, rows


@app.cell
def _(Figure, FIGURES, answers, claim, found, pictured):
    _figure = Figure(figsize=(7, 3.2), layout="constrained")
    _axes = _figure.subplots()
    _names = list(found)
    for _place, _name in enumerate(_names):
        _row = found[_name]
        _colour = {"a": "#0072B2", "b": "#D55E00"}.get(_row.verdict, "0.5")
        _axes.plot([_row.low, _row.high], [_place, _place], color=_colour, linewidth=2.5)
        _axes.plot([_row.mean], [_place], "o", color=_colour)
    _axes.axvline(0.0, color="0.6", linestyle=":")
    _axes.set_yticks(range(len(_names)), _names)
    _axes.invert_yaxis()
    _axes.set_xlabel(f"{claim.value}: mine minus rival")
    _own = answers["as designed"].figures
    _means = ", ".join(f"{plan} {_own[plan][FIGURES[claim.value]].mean:,.0f}" for plan in ("mine", "rival"))
    _said = {"a": "more", "b": "fewer", "undecided": "undecided"}
    _words = "; ".join(f"{name}: {_said[found[name].verdict]}" for name in _names)
    pictured(_figure, f"Difference in {claim.value}, with 95 % intervals ({_means} as designed). {_words}.")
    return


@app.cell
def _(mo):
    mo.md(
        """
        ## Defend it

        One minute each, in front of the class: *I book … because …; I claim …; it holds when …; it fails when …; I
        cannot tell …* The others ask. "I cannot tell" is a full answer.

        ## To take home

        1. Which single slider would you move to make your claim hold in one more trial? Predict, then try. Why is it
           not honest to try all settings and to show the best one?
        2. Find a plan with more reach **and** more clicks than the rival. If you cannot: which lesson says why?
        3. Write your plan as a file (`influence new my-launch`) and run it at full size: `influence compare
           my-launch/scenario.toml`. Which verdicts of this small toy change?
        """
    )
    return


@app.cell
def _(claim, held, mo, rows):
    mo.accordion(
        {
            "For the teacher": mo.md(
                f"""
                **20 minutes:** 3 read, 5 design in pairs, 2 run, 10 defend. Or: design at home, defend in class.

                **What tends to come out:** more clicks with beauty micros (trust and relevance), more reach with the
                large account (price), orders mostly undecided. With the present design and "{claim.value}" the claim
                holds in {held} of {len(rows)} trials. "Nobody wins trust" takes part of the micros' lead away, rarely
                all: relevance stays.

                **Misconceptions:** "undecided means I lost"; "a larger mean is a win"; "I tried twenty designs and
                this one holds" (one in twenty holds by luck: that is what the fresh seeds are for).

                **Marking:** a claim that is smaller than the interval's lower end, a reason that names a mechanism,
                and one honest limit are worth more than a large figure.

                **Where the toy cannot tell:** with 20,000 agents a micro's audience is about 210 agents; orders need
                the full size, and even there many stay undecided.
                """
            )
        }
    )
    return


if __name__ == "__main__":
    app.run()
