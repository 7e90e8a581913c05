"""The posterior of one sample: every target by itself, and every two together."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FIGURE_WIDTH, GR, INK
from .run_directory import RunDirectory

MOST = 6


def draw_corner(run: RunDirectory, place: str, names: list) -> Figure:
    """The targets are independent in the network's posterior: two together are the product of both."""
    names = names[:MOST]
    grids = [_marginal(run, place, i) for i in range(len(names))]
    truth = run.dataset("evaluation.h5", f"{place}/truth")[0]
    size = min(FIGURE_WIDTH, 1.7 * len(names) + 0.6)
    figure, panels = plt.subplots(len(names), len(names), figsize=(size, size), squeeze=False, layout="constrained")
    limits = [_limits(x, value) for (x, _), value in zip(grids, truth)]
    for row in range(len(names)):
        for column in range(len(names)):
            axes = panels[row, column]
            if column > row:
                axes.set_visible(False)
                continue
            axes.grid(False)
            axes.set_xlim(limits[column])
            axes.locator_params(axis="x", nbins=3)
            x, p = grids[column]
            if row == column:
                axes.fill_between(x, p, color=GR, alpha=0.3, linewidth=0)
                axes.plot(x, p, color=GR, linewidth=1.2)
                axes.set_yticks([])
                axes.set_ylim(bottom=0)
            else:
                y, q = grids[row]
                joint = np.outer(q, p)
                axes.contourf(x, y, joint, levels=_levels(joint), colors=["#CFE0EC", "#6FA8CC"])
                axes.axhline(truth[row], color=INK, linewidth=0.8)
                axes.set_ylim(limits[row])
                axes.locator_params(axis="y", nbins=3)
            axes.axvline(truth[column], color=INK, linewidth=0.8)
            axes.tick_params(labelsize=6.5, labelleft=column == 0 and row > 0, labelbottom=row == len(names) - 1)
            if row == len(names) - 1:
                axes.set_xlabel(names[column])
            if column == 0 and row > 0:
                axes.set_ylabel(names[row])
    return figure


def _limits(x: np.ndarray, truth: float) -> tuple:
    """Of the values that have a density and of the true one."""
    margin = 0.03 * (x[-1] - x[0])
    return min(x[0], truth - margin), max(x[-1], truth + margin)


def _marginal(run: RunDirectory, place: str, target: int):
    """Values and density of one target of the first sample."""
    mean = run.dataset("evaluation.h5", f"{place}/prediction")[0, target]
    # A moment network may say 0.
    sigma = max(run.dataset("evaluation.h5", f"{place}/error")[0, target], 1e-9 * max(abs(mean), 1e-30))
    x = mean + sigma * np.linspace(-4, 4, 161)
    if not run.has("evaluation.h5", f"{place}/mixture"):
        return x, np.exp(-0.5 * ((x - mean) / sigma) ** 2) / sigma
    weights, means, sigmas = (
        run.dataset("evaluation.h5", f"{place}/mixture/{name}")[0, target] for name in ("weight", "mean", "sigma")
    )
    density = sum(w / s * np.exp(-0.5 * ((x - m) / s) ** 2) for w, m, s in zip(weights, means, sigmas))
    return x, density


def _levels(joint: np.ndarray) -> list:
    """The heights that enclose 95 and 68 % of it."""
    sorted_heights = np.sort(joint.ravel())[::-1]
    enclosed = np.cumsum(sorted_heights) / sorted_heights.sum()
    lower, upper = (float(sorted_heights[np.searchsorted(enclosed, share)]) for share in (0.95, 0.68))
    return [lower, max(upper, lower * 1.0000001), float(sorted_heights[0]) * 1.0001]
