"""How well K classes are told apart: confusion matrix, one-vs-rest ROC curves, calibration."""

import json

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from . import page
from .classification import SHADES
from .figure_folder import FigureFolder
from .palette import FAINT, FAMILIES, FIGURE_WIDTH, INK, percent_axis
from .run_directory import RunDirectory
from .wording import DASH, number


def section(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    parts = [_score_table(rows)]
    split, word, scores = rows[0]
    classes = list(scores.get("per_class", {}))
    parts.append(
        page.table(
            [f"class ({split} {word}s)", "precision", "recall", "F1", "AUC, one against the rest", "samples"],
            [
                (name, *(number(entry.get(key)) for key in ("precision", "recall", "f1")), _auc(scores, name), entry["samples"])
                for name, entry in scores.get("per_class", {}).items()
            ],
        )
    )
    image = figures.save(draw(run, split, word, scores, classes), "classes")
    parts.append(
        page.figure(
            image,
            f"{split.capitalize()} {word}s. Left: confusion matrix, fractions of each true class and numbers. Middle: ROC "
            "curves. Right: how often an answer of some confidence is right; on the diagonal it is as sure as it is right.",
        )
    )
    parts.append(
        page.paragraph(
            "Errors come from a bootstrap over groups. Brier score: mean squared distance of the probabilities from the "
            "truth (of two classes that of one of them). Calibration error: mean distance of the right panel's points "
            "from the diagonal, weighted by samples."
        )
    )
    return parts


def _auc(scores: dict, name: str) -> str:
    if "auc" in scores:
        return number(scores["auc"])
    return number(scores.get("auc_per_class", {}).get(name))


def _score_table(rows: list) -> str:
    cells = []
    for split, word, score in rows:
        value, error = score.get("accuracy"), score.get("accuracy_error")
        accuracy = DASH if value is None else f"{100 * value:.1f} ± {100 * (error or 0):.1f} %"
        cells.append(
            (
                f"{split}, {word}s",
                accuracy,
                *(number(score.get(key)) for key in ("log_loss", "brier", "calibration_error")),
                score.get("samples", DASH),
                score.get("groups", DASH),
            )
        )
    return page.table(["", "accuracy", "log loss", "Brier", "calibration error", "samples", "groups"], cells)


def draw(run: RunDirectory, split: str, word: str, scores: dict, classes: list) -> Figure:
    figure, (matrix, roc, calibration) = plt.subplots(1, 3, figsize=(FIGURE_WIDTH, 3.1), layout="constrained")
    _draw_matrix(matrix, np.array(scores["confusion"]), classes)
    _draw_roc(run, roc, f"{split}/{word}", classes)
    _draw_calibration(run, calibration, f"{split}/{word}")
    return figure


def _draw_matrix(axes, counts: np.ndarray, classes: list) -> None:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap=SHADES, vmin=0, vmax=1)
    for row in range(len(classes)):
        for column in range(len(classes)):
            text = f"{100 * shares[row, column]:.1f} %\n{counts[row, column]}"
            axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=INK)
    axes.set_xticks(range(len(classes)), classes, rotation=30 if max(map(len, classes)) > 6 else 0)
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("said")
    axes.set_ylabel("true")
    axes.grid(False)


def _draw_roc(run: RunDirectory, axes, place: str, classes: list) -> None:
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    for name, colour in zip(classes, FAMILIES * 4):
        curve = f"{place}/roc/{name}"
        if run.has("evaluation.h5", curve):
            false_rate = run.dataset("evaluation.h5", f"{curve}/false_positive_rate")
            true_rate = run.dataset("evaluation.h5", f"{curve}/true_positive_rate")
            axes.plot(false_rate, true_rate, color=colour, label=name)
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    axes.legend(loc="lower right")


def _draw_calibration(run: RunDirectory, axes, place: str) -> None:
    confidence, right, samples = (
        run.dataset("evaluation.h5", f"{place}/calibration/{name}") for name in ("confidence", "accuracy", "samples")
    )
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    error = np.sqrt(np.maximum(right * (1 - right), 0.25 / samples) / samples)
    axes.errorbar(confidence, right, yerr=error, fmt="o", markersize=3.2, linewidth=1.0, color=INK)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("largest probability")
    axes.set_ylabel("part that is right")
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)


def names_of_task(run: RunDirectory) -> dict:
    """What evaluation.h5 says of its task."""
    return json.loads(run.attribute("evaluation.h5", "task") or "{}")
