"""Whether posteriors are right: ranks of the truth, and expected coverage of all targets together."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAMILIES, FIGURE_WIDTH, INK, percent_axis
from .run_directory import RunDirectory

FILE = "evaluation.h5"
BANDS = ("#EFEFEF", "#DADADA")  # of groups, of samples


def draw_coverage(run: RunDirectory, place: str, names: list) -> Figure:
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(FIGURE_WIDTH, 3.6), layout="constrained", gridspec_kw={"width_ratios": [1.35, 1]}
    )
    ranks = run.dataset(FILE, f"{place}/rank")
    groups = len(np.unique(run.dataset(FILE, f"{place}/group")))
    sizes = sorted({groups, len(ranks)})
    _draw_ranks(left, ranks, names, sizes)
    _draw_expected(right, run, place, sizes)
    return figure


def _draw_ranks(axes, ranks: np.ndarray, names: list, sizes: list) -> None:
    """Densities of the ranks, 1 where uniform; bands of chance as of `sizes` independent samples."""
    bins = int(np.clip(sizes[0] // 10, 5, 20))
    for size, colour in zip(sizes, BANDS[-len(sizes) :]):
        spread = 2 * np.sqrt((bins - 1) / size)
        axes.axhspan(max(1 - spread, 0), 1 + spread, color=colour, linewidth=0)
    for index, name in enumerate(names):
        counts, edges = np.histogram(ranks[:, index], bins=bins, range=(0, 1))
        axes.stairs(counts * bins / len(ranks), edges, label=name, linewidth=1.3, color=FAMILIES[index % len(FAMILIES)])
    axes.set(xlabel="rank of the truth in its posterior", ylabel="density", xlim=(0, 1))
    axes.set_ylim(bottom=0)
    axes.grid(False)
    if 1 < len(names) <= 2 * len(FAMILIES):
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, borderaxespad=0.2)


def _draw_expected(axes, run: RunDirectory, place: str, sizes: list) -> None:
    credibility, coverage = (
        run.dataset(FILE, f"{place}/expected_coverage/{name}") for name in ("credibility", "coverage")
    )
    for size, colour in zip(sizes, BANDS[-len(sizes) :]):
        spread = 2 * np.sqrt(credibility * (1 - credibility) / size)
        axes.fill_between(credibility, credibility - spread, credibility + spread, color=colour, linewidth=0)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
    axes.plot(credibility, coverage, color=INK)
    axes.set(xlabel="credibility", ylabel="expected coverage", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
