"""How well K classes are told apart: confusion matrix, one-vs-rest ROC curves, calibration."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .classification import SHADES
from .palette import FAINT, FAMILIES, FIGURE_WIDTH, INK, percent_axis
from .run_directory import Missing, RunDirectory
from .wording import number

BESIDE = 5  # classes up to which the confusion matrix stands beside the curves; of more it is above them
WITH_FRACTIONS, WITH_NUMBERS = 8, 20  # classes up to which there is room for them in its cells
NAMED = 8  # curves that a legend names


def draw_classes(run: RunDirectory, split: str, word: str, scores: dict) -> Figure:
    counts, classes = np.array(scores.get("confusion", [])), list(scores.get("per_class", {}))
    if counts.shape != (len(classes), len(classes)) or not classes:
        raise Missing(f"evaluation.json holds no confusion matrix of the {split} part.")
    if len(classes) <= BESIDE:
        figure, (matrix, roc, calibration) = plt.subplots(1, 3, figsize=(FIGURE_WIDTH, 3.2), layout="constrained")
    else:
        figure = plt.figure(figsize=(FIGURE_WIDTH, 9.0), layout="constrained")
        panels = figure.subplot_mosaic([["matrix", "matrix"], ["roc", "calibration"]], height_ratios=[1.7, 1])
        matrix, roc, calibration = (panels[name] for name in ("matrix", "roc", "calibration"))
    _draw_matrix(matrix, counts, classes)
    _draw_roc(run, roc, f"{split}/{word}", scores, classes)
    _draw_calibration(run, calibration, f"{split}/{word}")
    return figure


def _draw_matrix(axes, counts: np.ndarray, classes: list) -> None:
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(fractions, cmap=SHADES, vmin=0, vmax=1)
    for (row, column), fraction in np.ndenumerate(fractions):
        if len(classes) > WITH_NUMBERS:
            break
        text = f"{counts[row, column]}"
        if len(classes) <= WITH_FRACTIONS:
            text = f"{100 * fraction:.1f} %\n{text}"
        weight = "bold" if row == column else "normal"
        axes.text(column, row, text, ha="center", va="center", fontsize=7.5, linespacing=1.4, fontweight=weight)
    long = len(classes) > BESIDE or max(map(len, classes)) > 7
    axes.set_xticks(range(len(classes)), classes, rotation=35 if long else 0, ha="right" if long else "center")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="network says", ylabel="sample is")
    axes.grid(False)
    axes.tick_params(length=0)


def _draw_roc(run: RunDirectory, axes, place: str, scores: dict, classes: list) -> None:
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    for index, name in enumerate(classes):
        curve = f"{place}/roc/{name}"
        if not run.has("evaluation.h5", curve):
            continue  # of two classes there is one curve
        rates = [run.dataset("evaluation.h5", f"{curve}/{kind}_positive_rate") for kind in ("false", "true")]
        area = scores.get("auc_per_class", {}).get(name, scores.get("auc"))
        axes.plot(*rates, color=FAMILIES[index % len(FAMILIES)], label=f"{name}, AUC {number(area)}", linewidth=1.3)
    axes.set(xlabel="others taken for the class", ylabel="class recognised")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    if len(classes) <= NAMED:
        axes.legend(loc="lower right", fontsize=7.5)


def _draw_calibration(run: RunDirectory, axes, place: str) -> None:
    confidence, right, samples = (
        run.dataset("evaluation.h5", f"{place}/calibration/{name}").astype(float)
        for name in ("confidence", "accuracy", "samples")
    )
    there = samples > 0
    confidence, right, samples = confidence[there], right[there], samples[there]
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    # Of a bin that is all right or all wrong p(1 − p) is 0, which its samples do not warrant (Agresti & Coull 1998).
    share = (right * samples + 2) / (samples + 4)
    error = np.sqrt(share * (1 - share) / (samples + 4))
    axes.errorbar(confidence, right, yerr=error, fmt="none", linewidth=1.0, color=INK)
    axes.scatter(confidence, right, s=6 + 50 * samples / samples.max(), color=INK, linewidths=0)
    low = max(0.0, np.floor(10 * confidence.min() - 0.5) / 10)
    axes.set(xlim=(low, 1.03), ylim=(-0.03, 1.05), xlabel="largest probability", ylabel="answers that are right")
    axes.set_box_aspect(1)
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
