"""How clearly the two gravities differ: the paired difference in units of its error, and what all bands add up to."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FAMILIES, FIGURE_WIDTH, readable_log_axis
from .run_directory import RunDirectory

FILE = "statistics.h5"


class Family:
    """Bands that are drawn as one line: bins of P, or triangles of one shape."""

    def __init__(self, name: str, places: np.ndarray, x: np.ndarray, x_label: str, logarithmic: bool):
        self.name, self.places, self.x, self.x_label, self.logarithmic = name, places, x, x_label, logarithmic


def of_power(run: RunDirectory) -> list:
    k = run.dataset(FILE, "power/k")
    return [Family("P", np.arange(len(k)), k, r"$k$  [$h$/Mpc]", True)]


def has_differences(run: RunDirectory, group: str) -> bool:
    """Whether there are two gravities, and two seeds to tell the scatter of their difference from."""
    return run.has(FILE, f"{group}/difference") and len(run.dataset(FILE, "catalogue/seed")) > 1


def covariance_in_use(run: RunDirectory, group: str) -> str:
    """`full: …` or `diagonal: …`."""
    text = run.hdf5(FILE)[f"{group}/cumulative_signal_to_noise"].attrs.get("covariance", "")
    return text.decode() if isinstance(text, bytes) else str(text)


def draw_significance(run: RunDirectory, group: str, families: list) -> Figure:
    """One column per redshift: difference over its error above, cumulative signal to noise of one pair below."""
    labels = run.redshift_labels()
    shown = list(range(len(labels))) if len(labels) <= 3 else [0, len(labels) // 2, len(labels) - 1]
    difference, error, cumulative = (
        run.dataset(FILE, f"{group}/{name}")
        for name in ("difference", "difference_error", "cumulative_signal_to_noise")
    )
    figure, grid = plt.subplots(
        2, len(shown), figsize=(FIGURE_WIDTH, 3.9), squeeze=False, sharex=True, sharey="row", layout="constrained"
    )
    for panels, redshift in zip(grid.T, shown):
        panels[0].axhspan(-1, 1, color=FAINT, alpha=0.35, linewidth=0)
        for index, family in enumerate(families):
            colour, many = FAMILIES[index % len(FAMILIES)], len(family.places) > 60
            look = {"color": colour, "label": family.name}
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = (difference / error)[redshift, family.places]
            panels[0].plot(
                family.x,
                ratio,
                linestyle="none" if many else "-",
                marker="o",
                markersize=1.4 if many else 2.4,
                linewidth=0.9,
                rasterized=many,
                **look,
            )
            panels[1].plot(family.x, cumulative[redshift, family.places], linewidth=1.3, **look)
        panels[0].set_title(labels[redshift], loc="left", fontweight="bold")
        panels[1].set_xlabel(families[0].x_label)
        if families[0].logarithmic:
            readable_log_axis(panels[1])
    drawn = cumulative[np.ix_(shown, np.concatenate([family.places for family in families]))]
    grid[1, 0].set_ylim(0, 1.08 * np.nanmax(drawn))
    grid[0, 0].set_ylabel("(GR − Newton) / error")
    grid[1, 0].set_ylabel("cumulative S/N\nof one pair")
    if len(families) > 1:
        grid[0, 0].legend(loc="best")
    return figure
