"""Power spectra of both classes at every redshift, and their paired ratio."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FIGURE_WIDTH, INK, gravity_colour, gravity_label, readable_log_axis
from .run_directory import RunDirectory

COLUMNS = 3


def draw_power(run: RunDirectory) -> Figure:
    """One column per redshift: P(k) with the scatter between seeds above, the ratio with its standard error below."""
    k = run.dataset("statistics.h5", "power/k")
    mean = run.dataset("statistics.h5", "power/mean")
    deviation = run.dataset("statistics.h5", "power/std")
    ratio = run.dataset("statistics.h5", "power/ratio")
    ratio_error = run.dataset("statistics.h5", "power/ratio_error")
    labels, gravities = run.redshift_labels(), run.gravities()
    filled = np.isfinite(k) & (k > 0) & (run.dataset("statistics.h5", "power/modes") > 0)

    columns = min(COLUMNS, len(labels))
    rows = -(-len(labels) // columns)
    figure = plt.figure(figsize=(FIGURE_WIDTH, 4.3 * rows), layout="constrained")
    blocks = figure.subfigures(rows, columns, squeeze=False, wspace=0.02, hspace=0.04)
    for index, block in enumerate(blocks.flat):
        if index >= len(labels):
            continue
        upper, lower = block.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [1.7, 1]})
        for row, gravity in enumerate(gravities):
            _draw_spectrum(upper, k[filled], mean[row, index, filled], deviation[row, index, filled], gravity)
        _draw_ratio(lower, k[filled], ratio[index, filled], ratio_error[index, filled])
        upper.set_title(labels[index], loc="left", fontweight="bold")
        if index % columns == 0:
            upper.set_ylabel(r"$P_\Phi(k)$  [(Mpc/$h$)$^3$]")
            lower.set_ylabel(f"{gravity_label(gravities[0])} / {gravity_label(gravities[-1])}")
        if index == 0:
            upper.legend(loc="lower left")
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
    axes.set_xlabel(r"$k$  [$h$/Mpc]")
    readable_log_axis(axes)


def error_bars(error):
    """The errors, or none where a single seed leaves them undefined."""
    return error if np.all(np.isfinite(error)) else None
