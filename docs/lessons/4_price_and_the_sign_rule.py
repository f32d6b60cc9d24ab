import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Lesson 4: price and the sign rule")


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
    def sign_rule(epsilon, beta, n=10):
        """n equal small creators ÷ one large account, for the same money."""
        return n ** (1 - epsilon / beta)

    EPSILON = 0.9
    mo.md(
        f"""
        # 4. Price and the sign rule

        *Ten micros or one large account for the same money: who reaches more?* Twenty minutes.

        ## What you should know

        - A post by a creator with F followers costs about c·F^β. Reported values of β:
          {sim.PARAMETERS["price_exponent"].source}. At β = 1 a follower costs the same everywhere. Below 1 a large
          account is cheaper *per follower*.
        - A figure that grows with followers as F^ε (reach: ε about {EPSILON}, because the feed shows large accounts'
          posts to a somewhat smaller share of their followers) makes n equal small creators, against one large
          account of the same total price, bring

          > **n^(1 − ε/β)** times as much.

        - That is the **sign rule**: above 1 where β > ε, below 1 where β < ε. Only the *sign* of β − ε decides who
          leads; n decides by how much.
        """
    )
    return EPSILON, sign_rule


@app.cell
def _(mo):
    guess_cross = mo.ui.slider(
        0.6, 1.1, value=0.7, step=0.01, label="price exponent β above which ten micros reach more", show_value=True
    )
    guess_ratio = mo.ui.slider(
        0.2, 4.0, value=2.0, step=0.05, label="reach, ten micros ÷ one large account, at β = 0.85", show_value=True
    )
    go = mo.ui.run_button(label="Run (about 15 seconds)")
    mo.vstack(
        [
            mo.md(
                """
                ## Predict

                Ten creators of 30,000 followers with three posts each, against one general account, three posts, whose
                size is what the same money buys. The ten come in two kinds: all of **one niche**, or from **ten
                niches**.

                1. Above which β do the ten reach more? (Use the rule.)
                2. At β = 0.85, how many times as many people do the ten reach?
                """
            ),
            guess_cross,
            guess_ratio,
            go,
        ]
    )
    return go, guess_cross, guess_ratio


@app.cell
def _(go, mo, sim):
    mo.stop(
        not (go.value or mo.app_meta().mode == "script" or "run" in mo.cli_args()),
        mo.md("*Nothing has run yet: predict first, then press Run.*"),
    )
    BETAS = (0.70, 0.85, 1.00)
    SMALL = 30_000
    LARGE = {beta: round(SMALL * 10 ** (1 / beta)) for beta in BETAS}  # ten small fees buy one post of this size
    NICHES = ("beauty", "fashion", "food", "fitness", "travel", "family", "home", "gaming", "pets", "finance")
    _alike = "quality = 1.0, fake_share = 0.3"  # the same for all, so that only size and niche differ
    _creators = [
        f'{{ handle = "{kind}-{i}", followers = {SMALL}, niche = "{niche if kind == "ten" else NICHES[0]}", {_alike} }}'
        for kind in ("one", "ten")
        for i, niche in enumerate(NICHES)
    ]
    _creators += [f'{{ handle = "large-{b}", followers = {f}, {_alike} }}' for b, f in LARGE.items()]
    _terms = "posts = 3, every = 7"
    _plans = [
        f'{{ name = "{kind}-niche", deals = ['
        + ", ".join(f'{{ creator = "{kind}-{i}", {_terms}, fee = 407 }}' for i in range(10))
        + "] }"
        for kind in ("one", "ten")
    ]
    _plans += [f'{{ name = "large-{b}", deals = [{{ creator = "large-{b}", {_terms}, fee = 4070 }}] }}' for b in BETAS]
    prices = sim.compare(
        "ten-micros-vs-one-celebrity",
        f"creator=[{', '.join(_creators)}]",
        f"plan=[{', '.join(_plans)}]",
        "parameters.appeal_spread=0.0",  # all posts equally worth sharing: one lucky post would hide the rule
        people=20_000, days=30, replicates=10,
    )  # fmt: skip
    return BETAS, LARGE, prices


@app.cell
def _(BETAS, EPSILON, LARGE, guess_cross, guess_ratio, mo, percent, prices, sign_rule):
    ratios = {
        (kind, beta): prices.difference(f"{kind}-niche", f"large-{beta}", "reach")
        for kind in ("one", "ten")
        for beta in BETAS
    }
    told = {"a": "ten micros", "b": "the large account", "undecided": "undecided"}
    rows = [
        {
            "β": beta,
            "the money buys": f"{LARGE[beta]:,} followers",
            "sign rule": f"{sign_rule(EPSILON, beta):.2f}",
            "ten niches": f"{ratios['ten', beta].ratio:.2f}, more: {told[ratios['ten', beta].verdict]}",
            "one niche": f"{ratios['one', beta].ratio:.2f}, more: {told[ratios['one', beta].verdict]}",
        }
        for beta in BETAS
    ]
    overlap = {kind: prices.figures[f"{kind}-niche"]["overlap"].mean for kind in ("one", "ten")}
    rule = sign_rule(EPSILON, 0.85)
    mo.vstack(
        [
            mo.md(
                f"""
                ## Compare

                You said the ten reach more above β = **{guess_cross.value:.2f}**. The rule turns where β = ε =
                {EPSILON}. You said **{guess_ratio.value:.2f}** times the reach at β = 0.85. The rule says {rule:.2f};
                the simulation {ratios["ten", 0.85].ratio:.2f} with ten niches and {ratios["one", 0.85].ratio:.2f} with
                one.
                """
            ),
            mo.ui.table(rows, selection=None, pagination=False),
            mo.md(
                f"""
                *More* names who reaches more where the paired difference lies outside the noise of ten replicates.

                **Why.** With ten niches the audiences are nearly disjoint ({percent(overlap["ten"])} overlap), as the
                rule supposes, and it comes out. Creators of one niche share followers ({percent(overlap["one"])}):
                the same showings fall on fewer people, and reach stays below the rule. That is lesson 5.
                """
            ),
        ]
    )
    return overlap, ratios, rows, rule


@app.cell
def _(mo, prices, sign_rule):
    _clicks, _orders = (prices.difference("one-niche", "large-0.85", m) for m in ("clicks", "incremental_conversions"))
    clicks_ratio, orders_ratio, orders_row = _clicks.ratio, _orders.ratio, _orders
    flat = sign_rule(1.0, 0.85)
    _sure = {"a": "and the lead is sure", "b": "and the lead is sure", "undecided": "and that is undecided"}
    mo.md(
        f"""
        **Reach is not everything.** Clicks at β = 0.85: the ten of the product's niche get {clicks_ratio:.2f} times the
        large account's. If clicks merely grew with followers (ε = 1), the rule would say {flat:.2f}. The rest is lesson
        2 (trust) and relevance: the ten speak to people who care for the product. Extra orders: {orders_ratio:.2f}
        times, {_sure[_orders.verdict]} at this size.

        So the same money can buy *more reach* with one plan and *more clicks* with the other, and the price exponent,
        which nobody sets in a campaign, moves both.
        """
    )
    return clicks_ratio, flat, orders_ratio, orders_row


@app.cell
def _(BETAS, EPSILON, Figure, pictured, prices, ratios, sign_rule):
    _figure = Figure(figsize=(7, 4), layout="constrained")
    _axes = _figure.subplots()
    _line = [0.65 + 0.01 * step for step in range(46)]
    _axes.plot(_line, [sign_rule(EPSILON, b) for b in _line], color="0.3", label=f"sign rule, ε = {EPSILON}")
    for _kind, _colour, _mark in (("ten", "#0072B2", "o"), ("one", "#D55E00", "s")):
        for _b in BETAS:
            _row, _large = ratios[_kind, _b], prices.figures[f"large-{_b}"]["reach"].mean
            _ends = [1 + _row.low / _large, 1 + _row.high / _large]
            _axes.plot([_b, _b], _ends, color=_colour, linewidth=2)
        _means = [ratios[_kind, b].ratio for b in BETAS]
        _name = {"ten": "ten niches", "one": "one niche"}[_kind]
        _axes.plot(BETAS, _means, _mark, color=_colour, label=f"simulated, {_name}")
    _axes.axhline(1.0, color="0.6", linestyle=":")
    _axes.set(xlabel="price exponent β", ylabel="reach: ten micros ÷ one large", ylim=(0, None))
    _axes.legend(frameon=False)
    _words = "; ".join(f"{ratios['ten', b].ratio:.2f} and {ratios['one', b].ratio:.2f} at β = {b}" for b in BETAS)
    pictured(
        _figure,
        f"Reach of ten micros ÷ that of one large account of the same price, with ten niches and with one: {_words}. "
        "Bars: 95 % interval of the difference ÷ mean reach of the large account. The rule's line rises through 1 at "
        f"β = {EPSILON}.",
    )
    return


@app.cell
def _(mo):
    mo.md(
        """
        ## To take home

        1. A hundred nano creators instead of ten micros: what does the rule say at β = 0.85? What would you have to
           check in `LARGE` before you run it?
        2. Revenue has been reported to grow only as F^0.45 (derived from Beichert et al. 2024). What does the rule say
           for ten, at β = 0.85? Who should then book large accounts at all, and for what?
        3. Take the line `"parameters.appeal_spread=0.0"` out. Which verdicts turn to *undecided*? Would more
           replicates help?
        """
    )
    return


@app.cell
def _(EPSILON, mo, ratios, rule, sign_rule):
    close = ratios["one", 1.0]
    hundred, revenue = sign_rule(EPSILON, 0.85, 100), sign_rule(0.45, 0.85)
    mo.accordion(
        {
            "For the teacher": mo.md(
                f"""
                **20 minutes:** 5 read and derive the rule at the board, 3 predict, 2 run, 6 compare, 4 discuss.

                **The derivation in three lines:** n·c·f^β = c·F^β, so F = f·n^(1/β). The large account brings F^ε,
                the ten n·f^ε. Divide: n^(1 − ε/β).

                **Answers:** turns at β = ε; {rule:.2f} at 0.85. 1: {hundred:.2f}; the account must fit into the market,
                which has 2 million people. 2: {revenue:.1f}. Large accounts are then for being known (reach), not for
                sales. 3: mostly engagement and orders; replicates help slowly, as a few posts hold the mean.

                **Misconceptions:** "small is cheaper" (a *post* is; a follower usually is not); "the rule proves that
                micros win" (it says on what it hangs); "0.85 is the truth" (sources range from 0.45 to 0.90: look where
                your own quotes lie).

                **Where the toy cannot tell:** the one niche at β = 1, where reach differs by {close.mean:,.0f} people
                (95 % interval {close.low:,.0f} to {close.high:,.0f}): too near to the turning point to bet on.
                """
            )
        }
    )
    return hundred, revenue


if __name__ == "__main__":
    app.run()
