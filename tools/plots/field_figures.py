"""How well fields are given, by scale: transfer function and correlation with the target."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FIGURE_WIDTH, INK
from .run_directory import RunDirectory

FILE = "evaluation.h5"
SPLITS = (("validation", "#C9C9C9", 3.0), ("test", INK, 1.6))


def draw_fields(run: RunDirectory, word: str) -> Figure:
    """T(k), r(k), and 1 − r(k), in which a good correlation can be read; validation in grey."""
    figure, grid = plt.subplots(1, 3, figsize=(FIGURE_WIDTH, 3.0), layout="constrained")
    for axes, label, ideal in zip(grid, ("T(k)", "r(k)", "1 − r(k)"), (1.0, 1.0, None)):
        if ideal is not None:
            axes.axhline(ideal, color=FAINT, linewidth=1.0)
        axes.set(xlabel=r"$k / k_F$", ylabel=label)
    for split, colour, width in SPLITS:
        if not run.has(FILE, f"{split}/{word}/k"):
            continue
        k, transfer, correlation = (
            run.dataset(FILE, f"{split}/{word}/{name}") for name in ("k", "transfer", "correlation")
        )
        look = {"color": colour, "linewidth": width, "marker": "o" if len(k) <= 40 else None, "markersize": width + 1.4}
        # A prediction that is right to the last digit has no place on a logarithmic axis.
        apart = np.where(correlation < 1, 1 - correlation, np.nan)
        for axes, values in zip(grid, (transfer, correlation, apart)):
            axes.plot(k, values, label=split, **look)
            if split == SPLITS[-1][0]:
                axes.axvline(k[-1] / 2, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
    grid[2].set_yscale("log")
    grid[0].legend(loc="best")
    return figure
