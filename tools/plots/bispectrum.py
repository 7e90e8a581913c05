"""Bispectrum and reduced bispectrum of every family of triangles beside the tree-level prediction."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FIGURE_WIDTH, INK, gravity_colour, gravity_label, gravity_style, readable_log_axis
from .run_directory import Missing, RunDirectory
from .significance import Family

FILE = "statistics.h5"
LISTS = {
    "all": ("all closed triangles", "triangle, by its longest side"),
    "list": ("the triangles of the list", "triangle, in the order of the list"),
}


def families(run: RunDirectory) -> list:
    """The shapes, by k1; all triangles or those of a list by their place in the file."""
    k1 = run.dataset(FILE, "bispectrum/k1")
    counted = run.dataset(FILE, "bispectrum/triangles") > 0
    shapes = run.dataset(FILE, "bispectrum/shape")
    found = []
    for name in dict.fromkeys(shapes):
        places = np.flatnonzero(counted & (shapes == name))
        if not places.size:
            continue
        if name in LISTS:
            title, label = LISTS[name]
            found.append(Family(title, places, np.arange(places.size), label, False))
        else:
            found.append(Family(name, places, k1[places], r"$k_1$  [$h$/Mpc]", True))
    if not found:
        raise Missing("No triangle of the bispectrum closes.")
    return found


def draw_bispectrum(run: RunDirectory, family: Family) -> Figure:
    """One column per redshift: |B| of every class and at tree level above, Q below."""
    labels, gravities = run.redshift_labels(), run.gravities()
    shown = list(range(len(labels))) if len(labels) <= 3 else [0, len(labels) // 2, len(labels) - 1]
    quantities = (
        ("", r"$|B_\Phi|$  [(Mpc/$h$)$^6$]", "tree_level", True),
        ("q_", r"$Q_\Phi$", "tree_level_q", False),
    )
    figure, grid = plt.subplots(
        2,
        len(shown),
        figsize=(FIGURE_WIDTH, 4.8),
        squeeze=False,
        sharex=True,
        layout="constrained",
        gridspec_kw={"height_ratios": [1.3, 1]},
    )
    for row, (prefix, label, theory, logarithmic) in enumerate(quantities):
        mean, error = (
            run.dataset(FILE, f"bispectrum/{prefix}{name}")[..., family.places] for name in ("mean", "standard_error")
        )
        for axes, redshift in zip(grid[row], shown):
            for gravity, name in enumerate(gravities):
                _draw_class(axes, family, mean[gravity, redshift], error[gravity, redshift], name, logarithmic)
            tree = np.array([])
            if run.has(FILE, f"bispectrum/{theory}"):
                tree = run.dataset(FILE, f"bispectrum/{theory}")[redshift, family.places]
                look = {"color": INK, "linewidth": 1.0, "linestyle": (0, (1, 1.5)), "label": "tree level"}
                if not family.logarithmic:
                    look |= {"linestyle": "none", "marker": "_", "markersize": 4.0, "markeredgewidth": 1.0}
                axes.plot(family.x, np.abs(tree) if logarithmic else tree, zorder=3, **look)
            if logarithmic:
                axes.set(yscale="log")
                axes.set_title(labels[redshift], loc="left", fontweight="bold")
            else:
                axes.set_ylim(*_limits(np.concatenate([*mean[:, redshift], tree])))
                axes.set_xlabel(family.x_label)
            if family.logarithmic:
                readable_log_axis(axes)
        grid[row, 0].set_ylabel(label)
    grid[0, 0].legend(loc="lower left")
    return figure


def _draw_class(axes, family, mean, error, gravity, absolute) -> None:
    """The mean over seeds with its error; as |B| hollow where B is negative."""
    colour, many = gravity_colour(gravity), len(family.places) > 200
    size = 1.4 if many else 3.2 if family.logarithmic else 2.4
    values = np.abs(mean) if absolute else mean
    if family.logarithmic:
        axes.plot(family.x, values, color=colour, linestyle=gravity_style(gravity), linewidth=1.1)
        if np.all(np.isfinite(error)):
            low = np.maximum(values - error, 0.05 * values) if absolute else values - error
            axes.fill_between(family.x, low, values + error, color=colour, alpha=0.14, linewidth=0)
    for negative, face in ((False, colour), (True, "white")):
        chosen = (mean < 0) == negative if absolute else np.full(mean.shape, not negative)
        axes.plot(
            family.x[chosen],
            values[chosen],
            "o",
            color=colour,
            markerfacecolor=face,
            markersize=size,
            markeredgewidth=0.7,
            rasterized=many,
            label=gravity_label(gravity) if chosen.any() and not _labelled(axes, gravity) else None,
        )


def _labelled(axes, gravity) -> bool:
    return gravity_label(gravity) in axes.get_legend_handles_labels()[1]


def _limits(values) -> tuple:
    """The middle 96 % of the values with some room: Q of few triangles is mostly noise."""
    low, high = np.nanpercentile(values, [2, 98])
    room = 0.15 * (high - low) or 1.0
    return low - room, high + room
