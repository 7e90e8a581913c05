"""Bispectrum at every redshift beside the tree-level prediction."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FIGURE_WIDTH, INK, gravity_colour, gravity_label, readable_log_axis
from .run_directory import Missing, RunDirectory


def equilateral(run: RunDirectory) -> np.ndarray:
    """Indices of the triangles whose three sides agree to 2 %, by growing k."""
    sides = np.stack([run.dataset("statistics.h5", f"bispectrum/{name}") for name in ("k1", "k2", "k3")])
    counted = run.dataset("statistics.h5", "bispectrum/triangles") > 0
    alike = np.flatnonzero(counted & (np.ptp(sides, axis=0) < 0.02 * sides.max(axis=0)))
    if alike.size < 2:
        raise Missing(
            "The bispectrum was not measured for equilateral triangles; statistics.h5 holds the other shapes."
        )
    return alike[np.argsort(sides[0, alike], kind="stable")]


def ratio_of_means(first: np.ndarray, second: np.ndarray):
    """mean(first) / mean(second) over seeds (axis 0) with its jackknife error; pairs are left out together."""
    ratio = first.mean(axis=0) / second.mean(axis=0)
    count = first.shape[0]
    if count < 2:
        return ratio, np.full_like(ratio, np.nan)
    left_out = (first.sum(axis=0) - first) / (second.sum(axis=0) - second)
    return ratio, np.sqrt((count - 1) * left_out.var(axis=0))


def draw_bispectrum(run: RunDirectory) -> Figure:
    """One column per redshift: |B| of every class and at tree level above, the ratio of the means of two below."""
    chosen = equilateral(run)
    k = run.dataset("statistics.h5", "bispectrum/k1")[chosen]
    b = run.dataset("statistics.h5", "bispectrum/b")[..., chosen]
    tree = (
        run.dataset("statistics.h5", "bispectrum/tree_level")[:, chosen]
        if run.has("statistics.h5", "bispectrum/tree_level")
        else None
    )
    labels, gravities = run.redshift_labels(), run.gravities()
    shown = range(min(len(labels), 3)) if len(labels) <= 3 else (0, len(labels) // 2, len(labels) - 1)
    paired = len(gravities) > 1
    figure, grid = plt.subplots(
        2 if paired else 1,
        len(shown),
        figsize=(FIGURE_WIDTH, 4.2 if paired else 3.0),
        squeeze=False,
        sharex=True,
        layout="constrained",
        gridspec_kw={"height_ratios": [1.7, 1] if paired else [1]},
    )
    for panels, redshift in zip(grid.T, shown):
        upper = panels[0]
        if tree is not None and np.any(tree[redshift] != 0):
            upper.plot(k, np.abs(tree[redshift]), color=INK, linewidth=1.0, linestyle=(0, (1, 1.5)), label="tree level")
        for row, gravity in enumerate(gravities):
            _draw_class(upper, k, b[:, row, redshift], gravity)
        if paired:
            _draw_ratio(panels[1], k, *ratio_of_means(b[:, 0, redshift], b[:, -1, redshift]))
        panels[-1].set_xlabel(r"$k_1 = k_2 = k_3$  [$h$/Mpc]")
        readable_log_axis(panels[-1])
        upper.set_title(labels[redshift], loc="left", fontweight="bold")
        upper.set(yscale="log")
    grid[0, 0].set_ylabel(r"$|B_\Phi|$  [(Mpc/$h$)$^6$]")
    if paired:
        grid[1, 0].set_ylabel(f"{gravity_label(gravities[0])} / {gravity_label(gravities[-1])}")
    grid[0, 0].legend(loc="lower left")
    return figure


def _draw_ratio(axes, k, ratio, error) -> None:
    axes.axhline(1.0, color=FAINT, linewidth=1.0)
    bars = error if np.all(np.isfinite(error)) else None
    axes.errorbar(k, ratio, bars, color=INK, fmt="o", markersize=2.6, linewidth=0.9)


def _draw_class(axes, k, values, gravity) -> None:
    """The mean over seeds as |B|; hollow where B is negative."""
    mean = values.mean(axis=0)
    colour = gravity_colour(gravity)
    axes.plot(
        k,
        np.abs(mean),
        color=colour,
        linestyle=(0, (4, 2)) if gravity == "newton" else "-",
        label=gravity_label(gravity),
    )
    for negative, face in ((False, colour), (True, "white")):
        chosen = (mean < 0) == negative
        axes.plot(k[chosen], np.abs(mean[chosen]), "o", color=colour, markerfacecolor=face, markersize=3.4)
