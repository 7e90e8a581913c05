"""Numbers that a network tells against the true ones, and what is left of them."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FIGURE_WIDTH, GR, INK
from .run_directory import RunDirectory

FILE = "evaluation.h5"
SHOWN = 400  # points
COLUMNS = 3


def draw_truth(run: RunDirectory, place: str, names: list) -> Figure:
    """A block for each target: prediction against truth above, residuals below, error bars where there are errors."""
    truth, prediction = (run.dataset(FILE, f"{place}/{name}") for name in ("truth", "prediction"))
    error = run.dataset(FILE, f"{place}/error") if run.has(FILE, f"{place}/error") else None
    chosen = np.linspace(0, len(truth) - 1, min(SHOWN, len(truth))).astype(int)
    columns = min(len(names), COLUMNS) if len(names) != 4 else 2
    rows = -(-len(names) // columns)
    figure = plt.figure(figsize=(FIGURE_WIDTH, (3.5 if columns == 3 else 3.9) * rows), layout="constrained")
    blocks = figure.subfigures(rows, columns, squeeze=False, wspace=0.02, hspace=0.04)
    for index, (block, name) in enumerate(zip(blocks.flat, names)):
        panels = block.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [2.2, 1]})
        bars = None if error is None else error[chosen, index]
        _draw_target(*panels, truth[chosen, index], prediction[chosen, index], bars)
        panels[0].set_title(name, loc="left", fontweight="bold")
        if index % columns == 0:
            panels[0].set_ylabel("prediction")
            panels[1].set_ylabel("residual")
    return figure


def _draw_target(upper, lower, truth: np.ndarray, prediction: np.ndarray, bars) -> None:
    few = len(truth) <= 40
    # Many error bars as vectors make a page of megabytes.
    style = {
        "fmt": "o",
        "markersize": 3.6 if few else 2.0,
        "markeredgewidth": 0,
        "linewidth": 0.5,
        "color": GR,
        "ecolor": "#8FBBD9",
        "rasterized": not few,
    }
    ends = [truth.min(), truth.max()]
    upper.errorbar(truth, prediction, yerr=bars, **style)
    upper.plot(ends, ends, color=INK, linewidth=0.9, zorder=3)
    lower.errorbar(truth, prediction - truth, yerr=bars, **style)
    lower.axhline(0.0, color=INK, linewidth=0.9, zorder=3)
    lower.set_xlabel("truth")
    lower.locator_params(axis="y", nbins=4)
