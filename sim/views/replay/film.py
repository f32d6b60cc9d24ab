"""A replay as a film: one frame a day, the plans side by side; a GIF, or an MP4 where ffmpeg is installed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from sim.engine.posts import NO_CREATOR
from sim.errors import InputError
from sim.randomness import BY_AUTHOR, RECOMMENDED
from sim.record import Event
from sim.studies.replay import MOST_SHOWN, Played, Replay
from sim.views.files import write_whole
from sim.views.plots import BLACK, BLUE, GREEN, ORANGE, SKY, STYLE, VERMILION
from sim.views.replay.data import FIGURES, whole_figures
from sim.views.replay.layout import Layout, layout

LEVELS = (Event.SEE, Event.ENGAGE, Event.SHARE, Event.BUY)
LOOKS = {"not reached": ("o", "#c4c4c4", 2, 0.0), "saw": ("o", SKY, 10, 0.0), "engaged": ("s", ORANGE, 14, 0.0),
         "shared": ("D", GREEN, 20, 0.5), "bought": ("*", VERMILION, 90, 0.5),
         "bought, had seen nothing": ("*", "#ffffff", 90, 0.5)}  # fmt: skip
"""Marker, colour, area and edge by the most that a person has done."""
MOST_FRAMES = 120
FRAMES_A_SECOND = 4
DPI = 72
DISC = ("#f5f5f5", "#cccccc")
"""Inside and edge of a community."""
PER_PANEL = 5.6
"""Inches."""


def replay_gif(replay: Replay, path: Path) -> Path:
    """Write the film as a GIF; of a long run, up to 120 days evenly spaced."""
    return _written(replay, path, _GifWriter)


def replay_mp4(replay: Replay, path: Path) -> Path:
    """The same as MP4. Raises InputError where there is no ffmpeg."""
    check_ffmpeg()
    return _written(replay, path, FFMpegWriter)


def check_ffmpeg() -> None:
    """InputError where there is no ffmpeg."""
    if not FFMpegWriter.isAvailable():
        raise InputError("needs the program ffmpeg, which is not installed", key="--mp4",
                         expected="ffmpeg on the PATH, or --gif, which needs nothing")  # fmt: skip


def _written(replay: Replay, path: Path, kind: Callable[..., AbstractMovieWriter]) -> Path:
    days = replay.scenario.run.days
    chosen = np.unique(np.linspace(0, days - 1, min(days, MOST_FRAMES)).round().astype(int)).tolist()
    with matplotlib.style.context(["default", STYLE]), TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters of a name that the font does not have
        figure, stages = _stages(replay)
        writer, made = kind(fps=FRAMES_A_SECOND), Path(folder) / path.name
        with writer.saving(figure, str(made), DPI):
            for day in chosen:
                for stage in stages:
                    stage.show(day)
                writer.grab_frame()
        return write_whole(path, made.read_bytes())


def _stages(replay: Replay) -> tuple[Figure, list[_Stage]]:
    n = len(replay.plans)
    figure = Figure(figsize=(PER_PANEL * n, 1.22 * PER_PANEL + 0.9), dpi=DPI)
    figure.set_layout_engine("none")
    placed = layout(replay)
    stages = []
    for at, played in enumerate(replay.plans):
        axes = figure.add_axes((at / n + 0.01 / n, 0.05, 0.98 / n, 0.86))
        stages.append(_Stage(axes, replay, played, placed))
    handles = [Line2D([], [], linestyle="", marker=marker, color=colour, markeredgecolor=BLACK if edge else colour,
                      markersize=8, label=name) for name, (marker, colour, _, edge) in LOOKS.items()]  # fmt: skip
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), handletextpad=0.2, columnspacing=1.2)
    return figure, stages


class _GifWriter(PillowWriter):
    """GIF with the film's own few colours, the same for all frames: half of the bytes."""

    def setup(self, fig: Figure, outfile: Any, dpi: float | None = None) -> None:
        """Begin with no frame."""
        super().setup(fig, outfile, dpi)
        self._film: list[Image.Image] = []
        self._palette = Image.new("P", (1, 1))
        self._palette.putpalette([part for colour in _palette() for part in colour])

    def grab_frame(self, **options: Any) -> None:
        """Keep the figure as it is."""
        buffer = io.BytesIO()
        self.fig.savefig(buffer, format="rgba", dpi=self.dpi, **options)
        frame = Image.frombuffer("RGBA", self.frame_size, buffer.getvalue(), "raw", "RGBA", 0, 1)
        self._film.append(frame.convert("RGB").quantize(palette=self._palette, dither=Image.Dither.NONE))

    def finish(self) -> None:
        """Write the frames."""
        first, *others = self._film
        first.save(self.outfile, save_all=True, append_images=others, duration=int(1000 / self.fps), loop=0)


def _palette() -> list[tuple[int, ...]]:
    """Every colour of the film, and what comes of it at the edge of a mark, beside white or black."""
    shown = [*(colour for _, colour, _, _ in LOOKS.values()), BLUE, BLACK, *DISC]
    mixes = [(np.array(to_rgb(colour)), share) for colour in shown for share in np.linspace(0.0, 1.0, 5)]
    lighter = {tuple(np.rint(255 * (colour * (1 - share) + share)).astype(int).tolist()) for colour, share in mixes}
    darker = {tuple(np.rint(255 * colour * (1 - share)).astype(int).tolist()) for colour, share in mixes}
    return sorted(lighter | darker)


class _Stage:
    """One plan's picture, which can show any day."""

    def __init__(self, axes: Axes, replay: Replay, played: Played, placed: Layout) -> None:
        self._played, self._people, self._axes = played, placed.people, axes
        self._place = {int(person): at for at, person in enumerate(replay.shown.people)}
        self._first = _firsts(replay, played)
        self._whole = {name: column.cumsum() for name, column in whole_figures(played.run).items()}
        self._creators = _creators(played)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(1.01, -0.2)
        axes.set_aspect("equal")
        axes.set_axis_off()
        self._title = axes.set_title("")
        larger = min(3.0, (MOST_SHOWN / len(placed.people)) ** 0.5)
        self._dots = [
            axes.scatter([], [], s=size if edge else larger * size, marker=marker, color=colour,
                         edgecolors=BLACK if edge else "none", linewidths=edge, zorder=3 + at)
            for at, (marker, colour, size, edge) in enumerate(LOOKS.values())
        ]  # fmt: skip
        self._lines = [LineCollection([], colors=[colour], linewidths=width, alpha=alpha, zorder=2)
                       for colour, width, alpha in ((BLUE, 0.5, 0.45), (GREEN, 1.4, 0.9))]  # fmt: skip
        for lines in self._lines:
            axes.add_collection(lines)
        discs = placed.discs
        axes.add_collection(EllipseCollection(
            2 * discs[:, 2], 2 * discs[:, 2], np.zeros(len(discs)), units="xy", offsets=discs[:, :2],
            transOffset=axes.transData, facecolors=DISC[0], edgecolors=DISC[1], linewidths=0.5, zorder=1,
        ))  # fmt: skip
        few = len(self._creators) <= 12
        for number, (x, y) in self._creators.items():
            axes.plot([x], [y], "s", color=BLUE, markersize=7, zorder=9)
            if few:
                axes.annotate(_short(replay.world.handles[number], 90 // len(self._creators)), (x, y), (0, 5),
                              textcoords="offset points", ha="center", fontsize=8)  # fmt: skip
        self._live = axes.scatter([], [], s=130, marker="s", facecolors="none", edgecolors=VERMILION, linewidths=2,
                                  zorder=10)  # fmt: skip

    def show(self, day: int) -> None:
        """The state at the end of a day and who was shown what on it."""
        level = (self._first <= day).astype(int) * np.arange(1, len(LEVELS) + 1)[:, None]
        unmoved = self._first[0] > self._first[len(LEVELS) - 1]
        most = level.max(axis=0) + (unmoved & (level[-1] > 0))
        for at, dots in enumerate(self._dots):
            dots.set_offsets(self._people[most == at])
        rows = self._played.events
        rows = rows[(rows["day"] == day) & (rows["kind"] == Event.SEE)]
        from_creators, from_people = [], []
        for row in rows:
            shower, target = int(row["shower"]), self._people[self._place[int(row["person"])]]
            creator = self._played.told[int(row["post"])].creator
            if shower in (BY_AUTHOR, RECOMMENDED):
                if creator != NO_CREATOR:
                    from_creators.append((self._creators[creator], target))
            elif shower in self._place:
                from_people.append((self._people[self._place[shower]], target))
        for lines, segments in zip(self._lines, (from_creators, from_people), strict=True):
            lines.set_segments(segments)
        live = [self._creators[post.creator] for post in self._played.campaign.posts if post.day == day]
        self._live.set_offsets(np.array(live).reshape(-1, 2))
        told = {name: f"{int(self._whole[name][day]):,}" for name in FIGURES}
        self._title.set_text(
            f"{_short(self._played.name, 34)}, day {day}\n"
            f"whole run so far: {told['reached']} reached, {told['engagements']} engagements,\n"
            f"{told['shares']} shares, {told['orders']} orders"
        )


def _firsts(replay: Replay, played: Played) -> Any:
    """By level and person, the first day on which they did it; never is a day that does not come."""
    rows, people = played.events, replay.shown.people
    first = np.full((len(LEVELS), len(people)), np.iinfo(np.int64).max)
    for level, kind in enumerate(LEVELS):
        did = rows[rows["kind"] == kind]
        np.minimum.at(first[level], np.searchsorted(people, did["person"]), did["day"])
    return first


def _creators(played: Played) -> dict[int, tuple[float, float]]:
    """Where the creators at work stand: in a row above the people."""
    numbers = played.campaign.creators
    return {number: ((at + 0.5) / len(numbers), -0.1) for at, number in enumerate(numbers)}


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: max(1, most - 1)] + "…"
