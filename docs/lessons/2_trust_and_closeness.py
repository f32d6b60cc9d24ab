import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Lesson 2: trust and closeness")


@app.cell
def _():
    import io

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

    return Figure, mo, percent, pictured, sim


@app.cell
def _(mo, sim):
    FLOOR = sim.PARAMETERS["trust_floor"].default
    GAIN = sim.PARAMETERS["trust_gain"].default
    ANSWERS = sim.PARAMETERS["answers_a_day"].default
    mo.md(
        f"""
        # 2. Trust and closeness

        *Why would anybody trust a small creator more than a star?* Twenty minutes.

        ## What you should know

        - Friends are trusted more than celebrities: {sim.PARAMETERS["peer_trust"].source.split(":")[1].split(";")[0]}
          (Nielsen 2021).
        - This model has **no number for "micro" or "celebrity"**. It has one mechanism: a day has so many hours, so a
          creator answers at most K = {ANSWERS:.0f} people a day. **Closeness** is the share of those who engaged with
          a post who get an answer, and **trust = {FLOOR} + {GAIN} × closeness** (less a little for the ads that the
          creator posts anyway).
        - So size may cost trust, but only through time. That is an assumption, and a testable one: its two numbers are
          calibrated to published engagement rates and to the order of trust, not measured one by one.
        """
    )
    return ANSWERS, FLOOR, GAIN


@app.cell
def _(mo):
    guess_trust = mo.ui.slider(
        0, 100, value=80, step=1, label="trust in a creator of 500,000, in % of trust in one of 2,000", show_value=True
    )
    guess_clicks = mo.ui.slider(
        0.5, 4.0, value=1.0, step=0.1, label="click rate: answers everyone ÷ answers as usual", show_value=True
    )
    go = mo.ui.run_button(label="Run (about 10 seconds)")
    mo.vstack(
        [
            mo.md(
                """
                ## Predict

                1. Five creators of equal quality, with 2,000 to 500,000 followers. How much trust has the largest left,
                   compared with the smallest?
                2. Twins: two skincare reviewers of 8,000 followers each, of equal quality. One answers *every* comment.
                   How many times as often are her posts clicked?
                """
            ),
            guess_trust,
            guess_clicks,
            go,
        ]
    )
    return go, guess_clicks, guess_trust


@app.cell
def _(go, mo, sim):
    mo.stop(
        not (go.value or mo.app_meta().mode == "script" or "run" in mo.cli_args()),
        mo.md("*Nothing has run yet: predict first, then press Run.*"),
    )
    SIZES = (2_000, 8_000, 30_000, 120_000, 500_000)
    CREATORS = ", ".join(f'{{ handle = "c{f}", followers = {f}, quality = 1.0, fake_share = 0.3 }}' for f in SIZES)
    PLANS = ", ".join(f'{{ name = "p{f}", deals = [{{ creator = "c{f}", fee = 100 }}] }}' for f in SIZES)
    world = sim.build_world(sim.load("honest-review-8k", f"creator=[{CREATORS}]", f"plan=[{PLANS}]", people=20_000))
    twins = sim.compare("honest-review-8k", people=20_000, replicates=10)
    return SIZES, twins, world


@app.cell
def _(ANSWERS, FLOOR, GAIN, SIZES, guess_clicks, guess_trust, mo, percent, sim, twins, world):
    trust = {f: float(world.trust[world.index_of(f"c{f}")]) for f in SIZES}
    start = FLOOR - sim.PARAMETERS["overload"].default * sim.PARAMETERS["sponsored_share"].default
    closeness = {f: (t - start) / GAIN for f, t in trust.items()}
    engaged = {f: ANSWERS / c for f, c in closeness.items()}
    rows = [
        {
            "followers": f"{f:,}",
            "engaged people a post": f"{engaged[f]:,.0f}",
            "of these answered": f"{percent(closeness[f])}",
            "trust": f"{trust[f]:.2f}",
        }
        for f in SIZES
    ]
    left = trust[SIZES[-1]] / trust[SIZES[0]]
    clicks = twins.difference("answers-everyone", "answers-as-usual", "ctr")
    orders = twins.difference("answers-everyone", "answers-as-usual", "incremental_conversions")
    told = {"a": "answering wins", "b": "answering loses", "undecided": "undecided"}
    unsure = orders.verdict == "undecided" and orders.low > 0
    more = " (the interval leaves out 0, but who looks at several figures must ask for more)" if unsure else ""
    mo.vstack(
        [
            mo.md(
                f"""
                ## Compare

                You said the largest keeps **{guess_trust.value} %** of the smallest's trust. It keeps
                **{percent(left)}**.
                """
            ),
            mo.ui.table(rows, selection=None, pagination=False),
            mo.md(
                f"""
                **Why.** {SIZES[-1] // SIZES[0]} times the followers engage {engaged[SIZES[-1]] / engaged[SIZES[0]]:.0f}
                times as many people a post, and the day is as long for both. (Fewer than {SIZES[-1] // SIZES[0]} times,
                since who trusts less also engages less: trust and engagement are found together.) Once hardly anybody
                gets an answer, trust lies on its floor and more followers cost no more trust.

                **The twins.** You said **{guess_clicks.value:.1f}** times as many clicks per impression; it is
                **{clicks.ratio:.2f}** times. The difference of {100 * clicks.mean:.2f} points has a 95 % interval from
                {100 * clicks.low:.2f} to {100 * clicks.high:.2f}: *{told[clicks.verdict]}*. Extra orders:
                {orders.mean:.1f} more, interval {orders.low:.1f} to {orders.high:.1f}: *{told[orders.verdict]}*
                at this size{more}.
                """
            ),
        ]
    )
    return clicks, closeness, engaged, left, orders, rows, trust


@app.cell
def _(FLOOR, Figure, SIZES, pictured, trust):
    _figure = Figure(figsize=(7, 3.6), layout="constrained")
    _axes = _figure.subplots()
    _axes.plot(SIZES, [trust[f] for f in SIZES], "o-", color="#0072B2")
    for _f in SIZES:
        _axes.annotate(f"{trust[_f]:.2f}", (_f, trust[_f]), (0, 7), textcoords="offset points", ha="center")
    _axes.axhline(FLOOR, color="0.6", linestyle=":")
    _axes.annotate("answers nobody", (SIZES[0], FLOOR), (0, 4), textcoords="offset points", color="0.4")
    _axes.set(xscale="log", xlabel="followers", ylabel="mean trust of followers, 0..1", ylim=(0, 1))
    _words = ", ".join(f"{trust[f]:.2f} at {f:,}" for f in SIZES)
    pictured(_figure, f"Trust by number of followers: {_words}. It falls steeply, then lies flat on its floor.")
    return


@app.cell
def _(mo):
    mo.md(
        """
        ## To take home

        1. A star hires five people who answer for her: add `answers_a_day = 225` to the largest creator. What changes?
           Is an answer by an employee the same thing? What would you have to know to say so?
        2. Add `"parameters.trust_gain=0.0"` to `sim.compare("honest-review-8k", …)`. What must the ratio of clicks
           become, and why exactly that?
        3. Posting more often (`posts_a_day = 3`) leaves fewer answers for each post. Predict trust at 8,000 followers.
        """
    )
    return


@app.cell
def _(left, mo, orders, percent):
    mo.accordion(
        {
            "For the teacher": mo.md(
                f"""
                **20 minutes:** 4 read, 3 predict, 2 run, 6 compare, 5 discuss take home 2 at the board.

                **Answers:** the largest keeps {percent(left)}. 1: K is the only lever of size, so its trust rises;
                whether followers take an employee's answer for closeness is outside the model. 2: exactly 1 in
                expectation: with no gain the twins are the same person. In a run it is 1 up to luck in who sees what.
                3: K is shared by three posts, closeness falls to about what three times the followers would have.

                **Misconceptions:** "the model says that micros are trusted more because it was told so" (it was told
                how long a day is); "undecided means no effect" (here it means {orders.mean:.1f} orders more, give or
                take); "trust falls with followers for ever" (it has a floor).

                **Where the toy cannot tell:** an audience of 8,000 is {0.7 * 8_000 / 50:.0f} agents here. Clicks can be
                told, orders hardly. The built-in scenario, five times as large, can: `influence compare
                honest-review-8k`.
                """
            )
        }
    )
    return


if __name__ == "__main__":
    app.run()
