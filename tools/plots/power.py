"""Power spectra at every redshift, and the paired ratio of the two classes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FIGURE_WIDTH, INK, gravity_colour, gravity_label, readable_log_axis
from .run_directory import RunDirectory

COLUMNS = 3


def has_ratio(run: RunDirectory) -> bool:
    """A study of one gravity has none."""
    return run.has("statistics.h5", "power/ratio")


def draw_power(run: RunDirectory) -> Figure:
    """One column per redshift: P(k) with the scatter between seeds above, the ratio with its standard error below."""
    k = run.dataset("statistics.h5", "power/k")
    mean = run.dataset("statistics.h5", "power/mean")
    deviation = run.dataset("statistics.h5", "power/std")
    labels, gravities = run.redshift_labels(), run.gravities()
    filled = np.isfinite(k) & (k > 0) & (run.dataset("statistics.h5", "power/modes") > 0)
    heights = [1.7, 1] if has_ratio(run) else [1]

    columns = min(COLUMNS, len(labels))
    rows = -(-len(labels) // columns)
    figure = plt.figure(figsize=(FIGURE_WIDTH, (4.3 if has_ratio(run) else 3.1) * rows), layout="constrained")
    blocks = figure.subfigures(rows, columns, squeeze=False, wspace=0.02, hspace=0.04)
    for index, block in enumerate(blocks.flat[: len(labels)]):
        panels = block.subplots(len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights})
        panels = panels[:, 0]
        for row, gravity in enumerate(gravities):
            _draw_spectrum(panels[0], k[filled], mean[row, index, filled], deviation[row, index, filled], gravity)
        if has_ratio(run):
            ratio = run.dataset("statistics.h5", "power/ratio")[index, filled]
            _draw_ratio(panels[1], k[filled], ratio, run.dataset("statistics.h5", "power/ratio_error")[index, filled])
        panels[0].set_title(labels[index], loc="left", fontweight="bold")
        panels[-1].set_xlabel(r"$k$  [$h$/Mpc]")
        readable_log_axis(panels[-1])
        if index % columns == 0:
            panels[0].set_ylabel(r"$P_\Phi(k)$  [(Mpc/$h$)$^3$]")
            if has_ratio(run):
                panels[1].set_ylabel(f"{gravity_label(gravities[0])} / {gravity_label(gravities[-1])}")
        if index == 0:
            panels[0].legend(loc="lower left")
    return figure


def _draw_spectrum(axes, k, mean, deviation, gravity) -> None:
    colour = gravity_colour(gravity)
    style = (0, (4, 2)) if gravity == "newton" else "-"
    positive = mean > 0
    k, mean, deviation = k[positive], mean[positive], deviation[positive]
    axes.fill_between(
        k, np.maximum(mean - deviation, 1e-3 * mean), mean + deviation, color=colour, alpha=0.14, linewidth=0
    )
    axes.plot(k, mean, color=colour, linestyle=style, label=gravity_label(gravity))
    axes.set(xscale="log", yscale="log")
    axes.tick_params(which="minor", length=1.5, width=0.4)


def _draw_ratio(axes, k, ratio, error) -> None:
    axes.axhline(1.0, color=FAINT, linewidth=1.0)
    axes.errorbar(k, ratio, error_bars(error), color=INK, fmt="o", markersize=2.6, linewidth=0.9, capsize=0)


def error_bars(error):
    """The errors, or none where a single seed leaves them undefined."""
    return error if np.all(np.isfinite(error)) else None
