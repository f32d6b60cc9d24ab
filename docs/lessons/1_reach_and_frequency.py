import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Lesson 1: reach and frequency")


@app.cell
def _():
    import io
    from itertools import pairwise

    import marimo as mo
    from matplotlib.figure import Figure

    import sim

    def percent(share, digits=0):
        return f"{100 * share:.{digits}f} %"

    def pictured(figure, alternative):
        """A figure with its content in words, for those who cannot see it and for the caption."""
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=110)
        return mo.image(png.getvalue(), alt=alternative, caption=alternative)

    return Figure, mo, pairwise, percent, pictured, sim


@app.cell
def _(mo, percent, sim):
    REACH = sim.PARAMETERS["reach"].default
    FOLLOWERS = 30_000
    FAKE = sim.PARAMETERS["fake_share"].default
    REAL = FOLLOWERS * (1 - FAKE)
    mo.md(
        f"""
        # 1. Reach and frequency

        *If I post eight times, do eight times as many people see it?* Twenty minutes.

        ## What you should know

        - **Impressions** count showings, **reach** counts people. **Frequency** is impressions ÷ reach: how often each
          person reached has seen it on average.
        - A post reaches only some of an account's followers: here {percent(REACH)} of those of average activity over
          its life (source: {sim.PARAMETERS["reach"].source}).
        - Repetition is not waste as such. In a review of many studies attitude to an ad peaked after about
          {sim.PARAMETERS["wear_peak"].default:.0f} exposures (source: Schmidt & Eisend 2015). But who wants *new*
          people should know when posts stop bringing any.

        We look at one creator with {FOLLOWERS:,} followers. {percent(FAKE)} of them are fake or inactive, which leaves
        {REAL:,.0f} people. She posts 1, 2, 4 or 8 times.
        """
    )
    return REACH, REAL


@app.cell
def _(REACH, mo, percent):
    guess_share = mo.ui.slider(0, 100, value=100, step=1, label="followers reached by 8 posts (%)", show_value=True)
    guess_often = mo.ui.slider(1.0, 8.0, value=4.0, step=0.1, label="frequency after 8 posts", show_value=True)
    go = mo.ui.run_button(label="Run (about 10 seconds; the first time on a computer up to a minute)")
    mo.vstack(
        [
            mo.md(
                f"""
                ## Predict

                First a world as simple as can be: every follower sees each post with a chance of {percent(REACH)},
                independently of the others, and nobody else sees it. Eight posts make
                8 × {percent(REACH)} = {percent(8 * REACH)}. So how many of the followers see at least one? And how
                often? Move the sliders **before** you run, and say to your neighbour why.
                """
            ),
            guess_share,
            guess_often,
            go,
        ]
    )
    return go, guess_often, guess_share


@app.cell
def _(go, mo, sim):
    mo.stop(
        not (go.value or mo.app_meta().mode == "script" or "run" in mo.cli_args()),
        mo.md("*Nothing has run yet: predict first, then press Run.*"),
    )
    POSTS = (1, 2, 4, 8)
    PLANS = ", ".join(
        f'{{ name = "{k} posts", deals = [{{ creator = "micro-1", posts = {k}, every = 2, fee = 407 }}] }}'
        for k in POSTS
    )
    SIMPLE = [
        "parameters.activity_spread=0.0",  # everybody is equally active
        "parameters.recommended_share=0.0",  # nobody but followers is shown it
        "parameters.rank_exponent=0.0",  # the feed does not mind how much a post engages
        "parameters.share_rate=0.0",  # nobody passes it on
        "parameters.talk_rate=0.0",
        "parameters.unfollow_rate=0.0",
    ]
    FEED = ["parameters.appeal_spread=0.0"]  # all posts equally worth sharing: luck with one post is lesson 3

    def played(changes):
        return sim.compare(
            "ten-micros-vs-one-celebrity", f"plan=[{PLANS}]", "creator.micro-1.fake_share=0.3",
            "market.population=500_000", *changes,
            people=20_000, days=30, replicates=10,
        )  # fmt: skip

    simple, feed = played(SIMPLE), played(FEED)
    return POSTS, feed, simple


@app.cell
def _(POSTS, REACH, REAL, feed, guess_often, guess_share, mo, percent, simple):
    formula = {k: REAL * (1 - (1 - REACH) ** k) for k in POSTS}
    rows = []
    for _k in POSTS:
        _plan = f"{_k} posts"
        _simple, _feed = simple.figures[_plan]["reach"], feed.figures[_plan]["reach"]
        _often = simple.figures[_plan]["frequency"]
        rows.append(
            {
                "posts": _k,
                "formula: people": f"{formula[_k]:,.0f}",
                "simulated, simple world": f"{_simple.mean:,.0f} ({_simple.low:,.0f} to {_simple.high:,.0f})",
                "frequency": f"{_often.mean:.2f}",
                "with today's feed": f"{_feed.mean:,.0f} ({_feed.low:,.0f} to {_feed.high:,.0f})",
            }
        )
    reached = simple.figures["8 posts"]["reach"]
    often = simple.figures["8 posts"]["frequency"]
    share_found = formula[8] / REAL
    inside = reached.low <= guess_share.value / 100 * REAL <= reached.high
    mo.vstack(
        [
            mo.md(
                f"""
                ## Compare

                You said **{guess_share.value} %**. A follower misses all eight posts with chance
                (1 − {REACH:.1f})⁸ = {1 - share_found:.3f}, so {percent(share_found, 1)} see at least one. The
                simulation finds {percent(reached.mean / REAL, 1)}, with a 95 % interval from {
                    percent(reached.low / REAL, 1)
                } to {percent(reached.high / REAL, 1)} of {REAL:,.0f}: your number lies **{
                    "inside" if inside else "outside"
                }** it.

                You said a frequency of **{guess_often.value:.1f}**. It is {often.mean:.2f}:
                8 × {percent(REACH)} = {8 * REACH:.1f} showings a follower, shared among those who saw any.
                """
            ),
            mo.ui.table(rows, selection=None, pagination=False),
        ]
    )
    return formula, inside, often, reached, rows, share_found


@app.cell
def _(Figure, POSTS, REACH, REAL, feed, formula, mo, pairwise, percent, pictured, sim, simple):
    _figure = Figure(figsize=(7, 4), layout="constrained")
    _axes = _figure.subplots()
    _line = [1 + 0.1 * step for step in range(71)]
    _axes.plot(_line, [REAL * (1 - (1 - REACH) ** k) for k in _line], color="#0072B2", label="formula")
    for _answer, _colour, _mark, _name in (
        (simple, "#0072B2", "o", "simulated, simple world"),
        (feed, "#D55E00", "s", "simulated, today's feed"),
    ):
        _found = [_answer.figures[f"{k} posts"]["reach"] for k in POSTS]
        _error = [[f.mean - f.low for f in _found], [f.high - f.mean for f in _found]]
        _axes.errorbar(POSTS, [f.mean for f in _found], _error, fmt=_mark, color=_colour, capsize=4, label=_name)
    _axes.axhline(REAL, color="0.6", linestyle=":")
    _axes.annotate("all real followers", (8, REAL), (0, 4), textcoords="offset points", ha="right", color="0.4")
    _axes.set(xlabel="posts", ylabel="people reached", ylim=(0, None))
    _axes.legend(frameon=False)
    gains = [formula[b] - formula[a] for a, b in pairwise(POSTS)]
    strangers = feed.figures["8 posts"]["reach"].mean / REAL
    _words = (
        f"People reached by 1, 2, 4 and 8 posts, with 95 % intervals. The simple world follows the formula and "
        f"flattens below {REAL:,.0f}; with today's feed eight posts reach {strangers:.1f} times as many people "
        f"as there are real followers."
    )
    mo.vstack(
        [
            pictured(_figure, _words),
            mo.md(
                f"""
                **Why.** Doubling the posts from 4 to 8 adds {gains[2]:,.0f} people, fewer than from 2 to 4
                ({gains[1]:,.0f}): most of those whom a late post finds have seen an earlier one. Reach flattens while
                frequency grows.

                **With today's feed** the curve bends less. Part of the impressions go to people who do not follow her
                ({percent(sim.PARAMETERS["recommended_share"].default)} here; source:
                {sim.PARAMETERS["recommended_share"].source}), and friends pass posts on: these are always new people.
                At the same time, *followers* differ in activity, so that the busy ones see every post and the idle
                ones none.
                """
            ),
        ]
    )
    return gains, strangers


@app.cell
def _(mo):
    mo.md(
        """
        ## To take home

        1. Set `parameters.activity_spread` to 0.6 in `SIMPLE` (delete the line). Do eight posts reach more or fewer
           followers? Say first, then run.
        2. Take the line `"parameters.appeal_spread=0.0"` out of `FEED`. What happens to the intervals? (Lesson 3.)
        3. A brand wants frequency 3 among followers. How many posts? Solve it with the formula, then test it.
        """
    )
    return


@app.cell
def _(REACH, REAL, inside, mo, percent, share_found):
    enough = next(k for k in range(1, 100) if k * REACH / (1 - (1 - REACH) ** k) >= 3)
    mo.accordion(
        {
            "For the teacher": mo.md(
                f"""
                **20 minutes:** 4 read, 4 predict in pairs and write the number down, 2 run, 6 compare, 4 discuss.

                **Answers:** {percent(share_found, 1)} of real followers, frequency {8 * REACH / share_found:.2f}; the
                present prediction lies {"inside" if inside else "outside"} the interval. Take home 1: fewer, since 1
                − (1 − a·r)ᵏ is concave in activity a (Jensen). 2: intervals become several times as wide; one post
                that goes round decides. 3: k·r ÷ (1 − (1 − r)ᵏ) first reaches 3 at {enough} posts.

                **Misconceptions:** "8 × 30 % = 240 %, so everybody" (adds people who are the same); "reach per post
                times posts is reach" (it is impressions); "the interval is the range of outcomes" (it is of the mean
                over replicates).

                **Where the toy cannot tell:** 20,000 agents stand for half a million people, so her audience is about
                {REAL / 25:.0f} agents. That is enough for these two figures, and too few for her orders.
                """
            )
        }
    )
    return (enough,)


if __name__ == "__main__":
    app.run()
