"""Power spectra at every redshift beside linear theory, the paired ratio of the two classes, and gevolution's tables."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FIGURE_WIDTH, INK, gravity_colour, gravity_label, gravity_style, readable_log_axis
from .run_directory import RunDirectory

COLUMNS = 3
FILE = "statistics.h5"


def has_ratio(run: RunDirectory) -> bool:
    """A study of one gravity has none."""
    return run.has(FILE, "power/ratio")


def has_linear(run: RunDirectory) -> bool:
    return run.has(FILE, "power/linear")


def seeds_with_tables(run: RunDirectory) -> int:
    """How many seeds brought a power spectrum table of gevolution's own."""
    if not run.has(FILE, "power/gevolution"):
        return 0
    return int(np.any(np.isfinite(run.dataset(FILE, "power/gevolution")), axis=(1, 2, 3)).sum())


def draw_power(run: RunDirectory) -> Figure:
    """One column per redshift: P(k) with the scatter between seeds, the ratio with its standard error, the tables."""
    k = run.dataset(FILE, "power/k")
    labels = run.redshift_labels()
    below = [
        panel for panel, there in ((_ratio_panel, has_ratio(run)), (_table_panel, seeds_with_tables(run))) if there
    ]

    columns = min(COLUMNS, len(labels))
    rows = -(-len(labels) // columns)
    figure = plt.figure(figsize=(FIGURE_WIDTH, (3.1 + 1.3 * len(below)) * rows), layout="constrained")
    blocks = figure.subfigures(rows, columns, squeeze=False, wspace=0.02, hspace=0.04)
    for index, block in enumerate(blocks.flat[: len(labels)]):
        heights = [1.9] + [1] * len(below)
        panels = block.subplots(len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights})
        panels = panels[:, 0]
        _spectrum_panel(run, panels[0], k, index)
        for axes, draw in zip(panels[1:], below):
            draw(run, axes, k, index)
        panels[0].set_title(labels[index], loc="left", fontweight="bold")
        panels[-1].set_xlabel(r"$k$  [$h$/Mpc]")
        readable_log_axis(panels[-1])
        if index % columns == 0:
            panels[0].set_ylabel(r"$P_\Phi(k)$  [(Mpc/$h$)$^3$]")
        else:
            for axes in panels[1:]:
                axes.set_ylabel("")
        if index == 0:
            panels[0].legend(loc="lower left")
    return figure


def _spectrum_panel(run, axes, k, redshift) -> None:
    mean, deviation = (run.dataset(FILE, f"power/{name}")[:, redshift] for name in ("mean", "std"))
    for row, gravity in enumerate(run.gravities()):
        colour = gravity_colour(gravity)
        low = np.maximum(mean[row] - deviation[row], 1e-3 * mean[row])
        axes.fill_between(k, low, mean[row] + deviation[row], color=colour, alpha=0.14, linewidth=0)
        axes.plot(k, mean[row], color=colour, linestyle=gravity_style(gravity), label=gravity_label(gravity))
    if has_linear(run):
        linear = run.dataset(FILE, "power/linear")[redshift]
        axes.plot(k, linear, color=INK, linewidth=1.0, linestyle=(0, (1, 1.5)), label="linear theory")
    axes.set(xscale="log", yscale="log")
    axes.tick_params(which="minor", length=1.5, width=0.4)


def _ratio_panel(run, axes, k, redshift) -> None:
    ratio, error = (run.dataset(FILE, f"power/{name}")[redshift] for name in ("ratio", "ratio_error"))
    axes.axhline(1.0, color=FAINT, linewidth=1.0)
    axes.errorbar(k, ratio, error_bars(error), color=INK, fmt="o", markersize=2.6, linewidth=0.9, capsize=0)
    axes.set_ylabel(" / ".join(map(gravity_label, run.gravities()[:2])))


def _table_panel(run, axes, k, redshift) -> None:
    """The table over our measurement of the same seeds, in thousandths: the table is at another instant."""
    own = run.dataset(FILE, "power/gevolution")[:, :, redshift]
    ours = run.dataset(FILE, "power/p")[:, :, redshift]
    axes.axhline(0.0, color=FAINT, linewidth=1.0)
    for row, gravity in enumerate(run.gravities()):
        there = np.any(np.isfinite(own[:, row]), axis=1)
        if there.any():
            offset = 1e3 * (own[there, row] / ours[there, row] - 1).mean(axis=0)
            axes.plot(
                k,
                offset,
                color=gravity_colour(gravity),
                linestyle=gravity_style(gravity),
                marker="o",
                markersize=2.2,
                linewidth=0.9,
            )
    axes.set_ylabel("table / ours − 1\n[10⁻³]")


def error_bars(error):
    """The errors, or none where a single seed leaves them undefined."""
    return error if np.all(np.isfinite(error)) else None
