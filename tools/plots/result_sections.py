"""The sections on results: spectra, training, classification, explanation."""

import statistics

import numpy as np

from . import bispectrum, classification, page, power, saliency, training
from .figure_folder import FigureFolder
from .run_directory import Missing, RunDirectory
from .wording import DASH, number, percent, percent_with_error


def spectra(run: RunDirectory, figures: FigureFolder) -> list:
    seeds = len(run.dataset("statistics.h5", "catalogue/seed"))
    image = figures.save(power.draw_power(run), "power")
    parts = [
        page.figure(
            image,
            f"Power spectrum of the potential Φ, mean over {seeds} seeds. Upper panels: both classes, with bands "
            "of one standard deviation between seeds (cosmic variance). Lower panels: mean of the ratio GR/Newton "
            "within pairs that share their initial phases, with its standard error.",
        )
    ]
    if run.has("statistics.h5", "bispectrum"):
        parts.append("<h3>Bispectrum</h3>")
        parts.extend(_bispectrum(run, figures))
    return parts


def _bispectrum(run: RunDirectory, figures: FigureFolder) -> list:
    try:
        image = figures.save(bispectrum.draw_bispectrum(run), "bispectrum")
    except Missing as missing:
        return [page.absent(str(missing))]
    return [
        page.figure(
            image,
            "Bispectrum of Φ for equilateral triangles, mean over seeds; hollow points are negative. Lower panels: "
            "ratio of the two means, with jackknife errors over pairs.",
        )
    ]


def training_section(run: RunDirectory, figures: FigureFolder) -> list:
    curves = training.training_curves(run)
    image = figures.save(training.draw_training(curves), "training")
    best = training.best_epoch(curves)
    caption = "Loss and accuracy per epoch. Grey lines: what guessing gives (loss ln 2, accuracy 50 %)."
    if best is not None:
        caption += f" Dotted: epoch {best}, the lowest validation loss."
    speeds = curves.get("train", {}).get("samples_per_second", np.array([]))
    speeds = speeds[np.isfinite(speeds)] if len(speeds) else speeds
    parts = [page.figure(image, caption)]
    if len(speeds):
        parts.append(
            page.paragraph(f"Median speed in training: {statistics.median(speeds.tolist()):.0f} samples per second.")
        )
    return parts


def classification_section(run: RunDirectory, figures: FigureFolder) -> list:
    parts = [
        _score_table(run.scores()),
        page.paragraph(
            "Errors come from a bootstrap over seeds, since the slices of one cube are not independent. A bound is "
            "the highest accuracy that any classifier can reach from the power spectrum alone (Gaussian "
            "likelihood ratio)."
        ),
    ]
    try:
        image = figures.save(classification.draw_classification(run), "classification")
        parts.append(
            page.figure(
                image,
                "Test split. Left: confusion matrix, fractions of each true class and numbers of samples. "
                "Middle: ROC curve. Right: the network's logits for both classes; it answers GR above zero.",
            )
        )
        parts.extend(_accuracy_by_axis(run))
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return parts


def _score_table(evaluation: dict) -> str:
    names = {"cube": "cubes", "slice": "slices"}
    rows = []
    for split in ("test", "validation"):
        found = {
            kind: score
            for kind, score in evaluation.get(split, {}).items()
            if isinstance(score, dict) and "accuracy" in score
        }
        for kind in sorted(found, key=lambda kind: (list(names).index(kind) if kind in names else len(names), kind)):
            score = found[kind]
            rows.append(
                (
                    f"{split}, {names.get(kind, kind)}",
                    percent_with_error(score["accuracy"], score.get("accuracy_error")),
                    percent(score.get("bound")),
                    *(number(score.get(key)) for key in ("auc", "precision", "recall", "f1", "loss")),
                    score.get("samples", DASH),
                    score.get("seeds", DASH),
                )
            )
    if not rows:
        raise Missing("evaluation.json holds no scores.")
    return page.table(["", "accuracy", "bound", "AUC", "precision", "recall", "F1", "loss", "samples", "seeds"], rows)


def _accuracy_by_axis(run: RunDirectory) -> list:
    """The initial conditions of gevolution 1.2 are not isotropic: slices across different axes are different data."""
    if not run.has("evaluation.h5", "test/slice/axis"):
        return []
    logits, truth = classification.logits_and_truth(run, "test", "slice")
    axis = run.dataset("evaluation.h5", "test/slice/axis").astype(int)
    right = (logits > 0) == (truth == 1)
    rows = [
        (
            f"{'zyx'[value]} (data axis {value})",
            percent(float(np.mean(right[axis == value]))),
            int(np.sum(axis == value)),
        )
        for value in np.unique(axis)
        if 0 <= value < 3
    ]
    return (
        [
            page.paragraph("Slices across the three axes apart:"),
            page.table(["slices across", "accuracy", "samples"], rows),
        ]
        if rows
        else []
    )


def explanation_section(run: RunDirectory, figures: FigureFolder) -> list:
    parts = []
    for method in saliency.methods(run):
        seed = saliency.first_pair(run, method)
        image = figures.save(saliency.draw_saliency(run, method), f"saliency_{method}", "png")
        parts.append(f"<h3>{page.escape(method.replace('_', ' ').capitalize())}</h3>")
        parts.append(
            page.figure(
                image,
                f"Seed {seed}, central slice of the GR and of the Newton run. In the signed map, more input at a "
                "red place raises the logit (towards GR), at a blue place lowers it. One colour scale per column, "
                "cut at the 99.5th percentile.",
            )
        )
    if run.has("explanation.h5", "bands"):
        image = figures.save(saliency.draw_bands(run), "bands")
        parts.append("<h3>Bands of k</h3>")
        parts.append(
            page.figure(
                image,
                "What becomes of the answer when one band of k is taken out of the input: the further the "
                "accuracy falls, the more of the difference between the classes sits there.",
            )
        )
    parts.append("<h3>Sanity of the maps</h3>")
    try:
        rows = [
            (method.replace("_", " "), test.replace("_", " "), f"{score:+.3f}", _judge(score))
            for method, test, score in saliency.sanity_scores(run)
        ]
        parts.append(page.table(["method", "test", "correlation", ""], rows))
        parts.append(
            page.paragraph(
                "Correlation between the maps of the trained network and those of one whose weights (or training "
                "labels) were randomised. Near 0: the map depends on what was learnt. Near 1: it would look the "
                "same without any training, and says nothing."
            )
        )
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return parts


def _judge(score: float) -> str:
    return "passes" if abs(score) < 0.3 else "doubtful" if abs(score) < 0.6 else "fails: do not trust these maps"
