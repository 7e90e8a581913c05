"""The section on the scores of a classification of any number of classes."""

from . import class_figures, page
from .figure_folder import FigureFolder
from .run_directory import Missing, RunDirectory
from .wording import DASH, accuracy, number, plural


def section(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    """`rows`: (split, word, scores), of which those of the first split are drawn."""
    parts = [_score_table(rows), page.paragraph(_reading_the_scores(rows))]
    for split, word, scores in rows:
        if split != rows[0][0]:
            continue
        parts.append(_class_table(split, word, scores))
        try:
            image = figures.save(class_figures.draw_classes(run, split, word, scores), f"classes_{word}")
            parts.append(page.figure(image, _caption(split, word, scores)))
        except Missing as missing:
            parts.append(page.absent(str(missing)))
    return parts


def area_of_all(scores: dict):
    """Of two classes the area below the ROC curve, of more its mean over one against the rest."""
    if "auc" in scores:
        return scores["auc"]
    areas = [area for area in scores.get("auc_per_class", {}).values() if area is not None]
    return sum(areas) / len(areas) if areas else None


def _score_table(rows: list) -> str:
    header = ["", "accuracy", "log loss", "Brier", "calibration error", "AUC", "samples", "groups"]
    cells = [
        (
            f"{split}, {plural(word)}",
            accuracy(scores),
            *(number(scores.get(key)) for key in ("log_loss", "brier", "calibration_error")),
            number(area_of_all(scores)),
            scores.get("samples", DASH),
            scores.get("groups", DASH),
        )
        for split, word, scores in rows
    ]
    return page.table(header, cells)


def _reading_the_scores(rows: list) -> str:
    two = "auc" in rows[0][2]
    area = (
        "AUC: area below the ROC curve."
        if two
        else "AUC: area below the ROC curve of one class against the rest, mean over the classes."
    )
    brier = "of one of the two classes" if two else "of all classes"
    text = (
        "Errors come from a bootstrap over groups, since the samples of one group are not independent. Brier score: "
        f"mean squared distance of the probabilities {brier} from the truth. Calibration error: mean distance between "
        f"how sure the network is and how often it is right. {area}"
    )
    if any(scores.get("accuracy_error") in (None, 0) for _, _, scores in rows):
        text += " Where the bootstrap has no spread the count of right answers stands in place of an error."
    return text


def _class_table(split: str, word: str, scores: dict) -> str:
    header = [f"{split} {plural(word)}", "precision", "recall", "F1", "AUC, against the rest", "samples"]
    areas = scores.get("auc_per_class", {})
    cells = [
        (
            name,
            *(number(entry.get(key)) for key in ("precision", "recall", "f1")),
            number(areas.get(name, scores.get("auc"))),
            entry.get("samples", DASH),
        )
        for name, entry in scores.get("per_class", {}).items()
    ]
    return page.table(header, cells) if cells else page.absent("evaluation.json holds no scores of single classes.")


def _caption(split: str, word: str, scores: dict) -> str:
    several = len(scores.get("per_class", {})) > 2
    return (
        f"{split.capitalize()} {plural(word)}. Confusion matrix: numbers of samples, shaded by their fraction of the "
        f"true class. ROC curve{'s of each class against the rest' if several else ''}. Calibration: how often answers "
        "of some confidence are right, with binomial errors as of independent samples; larger points stand for more "
        "samples, and on the diagonal the network is as sure as it is right."
    )
