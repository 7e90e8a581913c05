"""The sections on what the network does: training, classification, explanation."""

import statistics

import numpy as np

from . import classification, page, saliency, training
from .figure_folder import FigureFolder
from .run_directory import Missing, RunDirectory
from .study_file import setting
from .wording import DASH, UNDEFINED, accuracy, number, percent, without_spread

TWO_POINT = "two-point, if Gaussian"
KINDS = {"cube": "cubes", "slice": "slices", "spectra": "P(k) classifier"}
PASSES, FAILS = 0.3, 0.6


def training_section(run: RunDirectory, figures: FigureFolder) -> list:
    curves = training.training_curves(run)
    image = figures.save(training.draw_training(curves), "training")
    best = training.best_epoch(curves)
    caption = "Loss and accuracy per epoch. Grey lines: what guessing gives (loss ln 2, accuracy 50 %)."
    if best is not None:
        caption += f" Dotted: epoch {best}, the lowest validation loss."
    return [page.figure(image, caption), *how_training_went(curves)]


def how_training_went(curves: dict) -> list:
    """What is worth a word beside the curves."""
    parts = []
    if training.ended_the_same(curves):
        parts.append(
            page.paragraph(
                "The network gives every validation sample the same output: what it has learnt does not depend on its "
                "input."
            )
        )
    speeds = curves.get("train", {}).get("samples_per_second", np.array([]))
    speeds = speeds[np.isfinite(speeds)] if len(speeds) else speeds
    if len(speeds):
        parts.append(
            page.paragraph(f"Median speed in training: {statistics.median(speeds.tolist()):.0f} samples per second.")
        )
    return parts


def classification_section(run: RunDirectory, figures: FigureFolder) -> list:
    rows = _score_rows(run.scores())
    parts = [_score_table(rows), *map(page.paragraph, _reading_the_scores(rows))]
    if setting(run.settings, "dataset.null_test"):
        parts.append(
            page.paragraph("A null test: both classes are Newtonian runs, and “GR” stands for one of a pair of seeds.")
        )
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


def _score_rows(evaluation: dict) -> list:
    """[(split, kind, scores)] in the order of the table."""
    order = list(KINDS)
    rows = [
        (split, kind, score)
        for split in ("test", "validation")
        for kind, score in evaluation.get(split, {}).items()
        if isinstance(score, dict) and "accuracy" in score
    ]
    if not rows:
        raise Missing("evaluation.json holds no scores.")
    place = {kind: position for position, kind in enumerate(order)}
    return sorted(rows, key=lambda row: (row[0], place.get(row[1], len(order)), row[1]))


def _score_table(rows: list) -> str:
    bounds = any(score.get("bound") is not None for _, _, score in rows)
    header = ["", "accuracy", *([TWO_POINT] if bounds else []), "AUC", "precision", "recall", "F1", "loss", "samples"]
    cells = [
        (
            f"{split}, {KINDS.get(kind, kind)}",
            accuracy(score),
            *([percent(score.get("bound"))] if bounds else []),
            *(number(score.get(key)) for key in ("auc", "precision", "recall", "f1", "loss")),
            score.get("samples", DASH),
            score.get("seeds", DASH),
        )
        for split, kind, score in rows
    ]
    return page.table([*header, "seeds"], cells)


def _reading_the_scores(rows: list) -> list:
    """What the columns and rows mean that the table has."""
    scores = [score for _, _, score in rows]
    errors = "Errors come from a bootstrap over seeds, since the slices of one cube are not independent."
    if any(map(without_spread, scores)):
        errors += (
            " Where every seed has the same share of right answers the bootstrap has no spread and would promise an "
            "error of zero; the count stands there instead."
        )
    texts = [errors]
    if any(score.get("bound") is not None for score in scores):
        texts.append(
            f"“{TWO_POINT}” is the accuracy that two-point information would allow if the fields were Gaussian, with "
            "the power spectra of the training cubes, from modes up to (N/2 − 1) times the fundamental one: the "
            "normal distribution function at d/2, for two classes d standard deviations apart. It is no limit: "
            "a network can exceed it with non-Gaussian information and with modes beyond."
        )
    if any(kind == "spectra" for _, kind, _ in rows):
        texts.append(
            f"The {KINDS['spectra']} sees nothing but ln P(k) of a whole cube: a Gaussian likelihood ratio, fitted "
            "to the training seeds of the network and scored on the same test cubes. Compare it with the cubes."
        )
    return texts


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
        failed = saliency.failures(run, method)
        parts.append(f"<h3>{page.escape(method.replace('_', ' ').capitalize())}</h3>")
        parts.extend(page.paragraph(f"FAILED: {text}.") for text in failed)
        if any(saliency.is_of_seed(text, seed) for text in failed):
            parts.append(page.absent(f"The maps of seed {seed} failed their check and are not drawn."))
            continue
        image = figures.save(saliency.draw_saliency(run, method), f"saliency_{method}", "png")
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
    parts.extend(sanity_of_the_maps(run))
    return parts


def sanity_of_the_maps(run: RunDirectory) -> list:
    parts = ["<h3>Sanity of the maps</h3>"]
    try:
        rows = [
            (
                method.replace("_", " "),
                test.replace("_", " "),
                maps,
                f"{worst:+.3f}" if np.isfinite(worst) else UNDEFINED,
                _judge(worst, saliency.failures(run, method)),
            )
            for method, test, maps, worst in saliency.sanity_scores(run)
        ]
        parts.append(page.table(["method", "test", "maps", "worst correlation", ""], rows))
        parts.append(
            page.paragraph(
                "Rank correlation between the absolute maps of the trained network and those of one whose weights (or "
                "training labels) were randomised, of all explained maps the one furthest from 0. Near 0: the map "
                "depends on what was learnt. Near 1: it would look the same without any training, and says nothing. "
                f"Below {PASSES} a method passes, from {FAILS} it fails. Nothing is tested of the signs."
            )
        )
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return parts


def _judge(worst: float, failures: list) -> str:
    if failures:
        return f"FAILED: {failures[0]}" + (f"; {len(failures)} maps in all" if len(failures) > 1 else "")
    if not np.isfinite(worst):
        return "FAILED: a map is the same everywhere or not finite"
    return "passes" if abs(worst) < PASSES else "doubtful" if abs(worst) < FAILS else "fails: do not trust these maps"
