import marimo

__generated_with = "0.25.2"
app = marimo.App(app_title="Lesson 3: cascades and why virality is rare")


@app.cell
def _():
    import io
    import math

    import marimo as mo
    import networkx as nx
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

    return Figure, math, mo, np, nx, percent, pictured, sim


@app.cell
def _(mo, nx):
    DEGREE = nx.karate_club_graph().degree[0]
    MEMBERS = nx.karate_club_graph().number_of_nodes()
    _degrees = [degree for _, degree in nx.karate_club_graph().degree]
    turning = sum(_degrees) / sum(degree * (degree - 1) for degree in _degrees)  # 1 ÷ mean number of further friends
    EXACT = 3.412650507452  # mean size from node 0 at p = 0.1, by dynamic programming over all that can happen
    mo.md(
        f"""
        # 3. Cascades, and why virality is rare

        *If everybody may pass it on, why does hardly anything go round?* Twenty minutes.

        ## What you should know

        - The **independent cascade** (Kempe, Kleinberg & Tardos 2003): whoever has just heard of something gets one
          chance at each neighbour, and succeeds with probability p. It ends when nobody new has heard.
        - **Zachary's karate club** is a real network of {MEMBERS} members of a club. Its instructor, node 0, has
          {DEGREE} friends.
        - A cascade dies out as long as each sharer brings on average fewer than one further sharer. For ordinary
          people's posts that number is about 0.05 to 0.2 (derived from Goel et al. 2016 and Bakshy et al. 2011).
        """
    )
    return DEGREE, EXACT, MEMBERS, turning


@app.cell
def _(DEGREE, MEMBERS, mo):
    guess_size = mo.ui.slider(1.0, 34.0, value=10.0, step=0.1, label="mean number who hear of it", show_value=True)
    guess_alone = mo.ui.slider(0, 100, value=50, step=1, label="cascades that go nowhere (%)", show_value=True)
    guess_viral = mo.ui.slider(0, 40, value=4, step=1, label="viral posts out of 40", show_value=True)
    go = mo.ui.run_button(label="Run (about 15 seconds)")
    mo.vstack(
        [
            mo.md(
                f"""
                ## Predict

                1. Node 0 tells its {DEGREE} friends something; p = 0.1 on every tie. How many of the {MEMBERS} members
                   have heard of it in the end, on average, node 0 included?
                2. In how many per cent of the cascades does *nobody* else hear of it?
                3. A creator with 8,000 followers puts up a video on a platform like TikTok, which shows most of its
                   impressions to strangers. Forty such videos: how many reach more than ten times her followers?
                """
            ),
            guess_size,
            guess_alone,
            guess_viral,
            go,
        ]
    )
    return go, guess_alone, guess_size, guess_viral


@app.cell
def _(go, mo, sim):
    mo.stop(
        not (go.value or mo.app_meta().mode == "script" or "run" in mo.cli_args()),
        mo.md("*Nothing has run yet: predict first, then press Run.*"),
    )
    RUNS = 20_000
    club = sim.cascade("karate", seeds="0", p=0.1, runs=RUNS)
    posts = sim.compare("overnight-viral", people=10_000, replicates=40)
    return RUNS, club, posts


@app.cell
def _(DEGREE, EXACT, RUNS, club, guess_alone, guess_size, math, mo, percent):
    mean_size = float(club.sizes.mean())
    half = 1.96 * float(club.sizes.std(ddof=1)) / math.sqrt(RUNS)
    alone = float((club.sizes == 1).mean())
    alone_exact = (1 - 0.1) ** DEGREE
    first_round = 1 + 0.1 * DEGREE
    mo.md(
        f"""
        ## Compare

        **Mean size.** You said {guess_size.value:.1f}. {RUNS:,} cascades give **{mean_size:.3f}**, 95 % interval
        {mean_size - half:.3f} to {mean_size + half:.3f}. The exact answer for this network is {EXACT:.4f}, so
        here you can check the simulation itself. Note how little comes after the first round: node 0 alone brings
        1 + {DEGREE} × 0.1 = {first_round:.1f}.

        **Going nowhere.** You said {guess_alone.value} %. It is {percent(alone, 1)} in the simulation, and by hand:
        all {DEGREE} friends must fail, 0.9^{DEGREE} = {percent(alone_exact, 1)}.
        """
    )
    return alone, alone_exact, first_round, half, mean_size


@app.cell
def _(Figure, club, np, pictured):
    _sizes, _counts = np.unique(club.sizes, return_counts=True)
    _figure = Figure(figsize=(7, 3.4), layout="constrained")
    _axes = _figure.subplots()
    _axes.bar(_sizes, 100 * _counts / _counts.sum(), color="#0072B2")
    _axes.set(xlabel="members who heard of it, node 0 included", ylabel="cascades (%)")
    _axes.axvline(club.sizes.mean(), color="#D55E00", linestyle="--")
    _axes.annotate(" mean", (club.sizes.mean(), 0.95), xycoords=("data", "axes fraction"), color="#D55E00")
    typical, largest = int(np.median(club.sizes)), int(club.sizes.max())
    pictured(
        _figure,
        f"Sizes of cascades in the karate club: half have {typical} members or fewer, the largest has {largest}.",
    )
    return largest, typical


@app.cell
def _(guess_viral, math, mo, np, percent, posts, sim):
    FOLLOWERS = 8_000
    times = np.sort(posts.totals["one-post"].of("reach") / FOLLOWERS)
    n, viral = len(times), int((times > 10).sum())
    # Wilson's interval for a share, which is defined where nothing was found, too
    z = 1.96
    middle = (viral + z * z / 2) / (n + z * z)
    reach_of_it = z / (n + z * z) * math.sqrt(viral * (n - viral) / n + z * z / 4)
    low, high = max(0.0, middle - reach_of_it), middle + reach_of_it
    larger = sim.scenarios("overnight-viral")["finding"][0]
    mo.md(
        f"""
        **Viral posts.** You said {guess_viral.value} of {n}. It is **{viral} of {n}**; half of them reach at most
        {np.median(times):.1f} times the followers and the luckiest {times[-1]:.1f} times. But {n} posts say little
        about something rare: the true share may be anything from {percent(low, 1)} to {percent(high, 1)} (95 %,
        Wilson's interval). That is **undecided** between "never" and "every {1 / high:.0f}th post". The
        scenario at full size, with many more posts, found:

        > {larger}

        **Why rare?** If each sharer brings on average R further sharers, a cascade has about 1 ÷ (1 − R) people who
        pass it on: {1 / (1 - 0.1):.2f} at R = 0.1, {1 / (1 - 0.2):.2f} at R = 0.2. Posts differ much in their appeal,
        so that a few have a far larger R for a while. They make the mean, and nobody knows them beforehand. *Very
        large cascades are rare* is what Goel et al. (2016) report from measurements, too.
        """
    )
    return high, low, n, times, viral


@app.cell
def _(mo):
    mo.md(
        """
        ## To take home

        1. Move p in `sim.cascade` to 0.05, 0.2 and 0.4. Where does the picture turn from "mostly nobody" to "mostly
           everybody"? What is special about that p?
        2. Begin with two people: `seeds="0,33"`. Is the mean twice that of one? Why (not)? Compare with
           `seeds="greedy:2"`.
        3. `"parameters.appeal_spread=0.0"` makes all posts equally worth sharing. Predict the mean, the median and the
           luckiest of 40, then run.
        """
    )
    return


@app.cell
def _(EXACT, alone_exact, high, mo, n, percent, turning):
    mo.accordion(
        {
            "For the teacher": mo.md(
                f"""
                **20 minutes:** 4 read, 4 predict (write down!), 2 run, 6 compare, 4 discuss "would you promise a
                client a viral post?".

                **Answers:** {EXACT:.3f}; {percent(alone_exact, 1)}; rarely one in {n}. 1: near {turning:.2f}, where
                p × (mean number of further friends) passes 1. 2: less than twice, because the two reach some of the
                same people (influence is submodular; Kempe et al. 2003). 3: mean and median come together, the lucky
                tail is gone.

                **Misconceptions:** "the mean is what usually happens"; "viral is a property of the content" (single
                posts are unpredictable, Martin et al. 2016, and the model agrees); "none of {n}, so it cannot happen"
                (up to {percent(high)} fit with that).

                **Where the toy cannot tell:** 10,000 agents stand for a million people, and a cascade ends at the
                edge of the toy: the largest are cut short. Ask it for typical posts, not for records.
                """
            )
        }
    )
    return


if __name__ == "__main__":
    app.run()
