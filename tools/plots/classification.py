"""How well the network tells the classes apart: confusion matrices, ROC curves, logit histograms."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .palette import FAINT, FIGURE_WIDTH, GR, INK, NEWTON
from .run_directory import RunDirectory

KINDS = (("slice", "single slices"), ("cube", "whole cubes"))
SHADES = LinearSegmentedColormap.from_list("phiscope", ["#FFFFFF", "#CFE0EC", "#6FA8CC"])


def logits_and_truth(run: RunDirectory, split: str, kind: str):
    """Logits and truth (1 = gr, 0 = newton) of the samples of a split, [samples] each."""
    logits = run.dataset("evaluation.h5", f"{split}/{kind}/logit").astype(float)
    return logits, is_gr(run.dataset("evaluation.h5", f"{split}/{kind}/gravity"))


def is_gr(gravity: np.ndarray) -> np.ndarray:
    """Truth as 0 and 1, from names or from numbers."""
    return (gravity == "gr").astype(int) if gravity.dtype == object else gravity.astype(int)


def roc_curve(logits: np.ndarray, truth: np.ndarray):
    """False and true positive rates at every distinct threshold, from (0, 0) to (1, 1), and the area below.

    Ties are one step, so that the area is the Mann-Whitney probability with ties counted half.
    """
    order = np.argsort(-logits, kind="stable")
    last_of_tie = np.append(np.flatnonzero(np.diff(logits[order])), logits.size - 1)
    true_positive = np.append(0, np.cumsum(truth[order])[last_of_tie])
    false_positive = np.append(0, np.cumsum(1 - truth[order])[last_of_tie])
    rates = false_positive / max(false_positive[-1], 1), true_positive / max(true_positive[-1], 1)
    return rates[0], rates[1], float(np.sum(np.diff(rates[0]) * (rates[1][1:] + rates[1][:-1]) / 2))


def confusion_matrix(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """[[tn, fp], [fn, tp]] with gr as the positive class."""
    predicted = (logits > 0).astype(int)
    return np.array([[np.sum((truth == row) & (predicted == column)) for column in (0, 1)] for row in (0, 1)])


def draw_classification(run: RunDirectory) -> Figure:
    """Two rows (slices, cubes) of the test split: confusion matrix, ROC curve, logits of both classes."""
    kinds = [kind for kind in KINDS if run.has("evaluation.h5", f"test/{kind[0]}/logit")]
    if not kinds:
        run.dataset("evaluation.h5", "test/cube/logit")
    figure, grid = plt.subplots(
        len(kinds),
        3,
        figsize=(FIGURE_WIDTH, 3.0 * len(kinds)),
        squeeze=False,
        layout="constrained",
        gridspec_kw={"width_ratios": [0.9, 0.95, 1.3]},
    )
    for row, (kind, title) in zip(grid, kinds):
        logits, truth = logits_and_truth(run, "test", kind)
        _draw_confusion(row[0], confusion_matrix(logits, truth), title)
        _draw_roc(row[1], run, kind, logits, truth)
        _draw_logits(row[2], logits, truth, title)
    return figure


def _draw_confusion(axes, counts, title) -> None:
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(fractions, cmap=SHADES, vmin=0, vmax=1)
    for (row, column), fraction in np.ndenumerate(fractions):
        axes.text(
            column,
            row,
            f"{100 * fraction:.1f} %\n{counts[row, column]}",
            ha="center",
            va="center",
            linespacing=1.5,
            fontweight="bold" if row == column else "normal",
        )
    names = ["Newton", "GR"]
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names, rotation=90, va="center")
    axes.set(xlabel="network says", ylabel="simulation is")
    axes.set_title(title, loc="left", fontweight="bold")
    axes.grid(False)
    axes.tick_params(length=0)


def _draw_roc(axes, run, kind, logits, truth) -> None:
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    if run.has("evaluation.h5", f"validation/{kind}/logit"):
        false_positive, true_positive, area = roc_curve(*logits_and_truth(run, "validation", kind))
        axes.plot(false_positive, true_positive, color="#C9C9C9", linewidth=3.2, label=f"validation, AUC {area:.3f}")
    false_positive, true_positive, area = roc_curve(logits, truth)
    axes.plot(false_positive, true_positive, color=INK, label=f"test, AUC {area:.3f}")
    axes.set(
        xlabel="Newton taken for GR", ylabel="GR recognised", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal"
    )
    axes.legend(loc="lower right")


def _draw_logits(axes, logits, truth, title) -> None:
    finite = logits[np.isfinite(logits)]
    low, high = (finite.min(), finite.max()) if finite.size else (-1.0, 1.0)
    # Bins that meet at zero, where the answer changes: none holds right and wrong ones of a class together.
    width = max(high - low, 1e-6) / int(np.clip(np.sqrt(finite.size), 10, 45))
    edges = width * np.arange(np.floor(low / width), np.floor(high / width) + 2)
    for value, colour, label in ((0, NEWTON, "Newton"), (1, GR, "GR")):
        axes.hist(finite[truth[np.isfinite(logits)] == value], edges, color=colour, alpha=0.3)
        axes.hist(
            finite[truth[np.isfinite(logits)] == value],
            edges,
            color=colour,
            histtype="step",
            linewidth=1.4,
            label=label,
        )
    axes.axvline(0.0, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
    axes.set(xlabel="logit  (Newton < 0 < GR)", ylabel=title.split()[-1])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
