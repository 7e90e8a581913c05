"""The report of a study that has data and a task of its own: what is said and drawn in place of the gravities."""

import numpy as np

from . import about_sections, attribution, class_figures, field_figures, page, regression_figures, saliency, training
from .figure_folder import FigureFolder
from .run_directory import Missing, RunDirectory
from .study_file import setting
from .wording import DASH, number

SPLITS = ("test", "validation")


def is_asked(run: RunDirectory) -> bool:
    """Whether the study has a section data, and not simulations of pairs."""
    return setting(run.settings, "data.kind", "simulations") not in ("simulations", None)


def sections() -> tuple:
    """Title and builder of each section."""
    return (
        ("What was run", about_sections.settings_and_provenance),
        ("Training", training_section),
        ("Scores", scores_section),
        ("Trained again", repeats_section),
        ("What the network looks at", explanation_section),
    )


def task_of(run: RunDirectory) -> str:
    return str(run.json("evaluation.json").get("task", ""))


def score_rows(run: RunDirectory) -> list:
    """[(split, word, scores)]: of the test first, samples before groups."""
    evaluation = run.json("evaluation.json")
    rows = [(split, word, scores) for split in SPLITS for word, scores in evaluation.get(split, {}).items()]
    if not rows:
        raise Missing("evaluation.json holds no scores.")
    return rows


def with_error(scores: dict, key: str, digits: int = 3) -> str:
    """`0.052 ± 0.002`, with as many digits as count."""
    value, error = scores.get(key), scores.get(f"{key}_error")
    if value is None:
        return DASH
    return f"{value:.{digits}g}" if not error else f"{value:.{digits}g} ± {error:.2g}"


def verdict(run: RunDirectory) -> str:
    """The outcome in a sentence or two."""
    split, word, scores = score_rows(run)[0]
    task = task_of(run)
    if task == "classification":
        text = f"The network tells the class of {percent_with_error(scores)} of the {scores.get('samples')} {split} {word}s"
        return f"{text}, none of a group that it was trained on."
    if task == "fields":
        better = scores["baseline_mse"] / scores["mse"] if scores.get("mse") else float("nan")
        return (
            f"Of the {split} {word}s the network's mean squared error is {with_error(scores, 'mse')}, {better:.3g} times "
            f"below that of {scores.get('baseline')}."
        )
    told = ", ".join(f"{name} to {with_error(scores[name], 'rmse')}" for name in regression_figures.targets_of(scores))
    return f"The network tells {told} (root mean square error of {scores.get('samples')} {split} {word}s)."


def percent_with_error(scores: dict) -> str:
    value, error = scores.get("accuracy"), scores.get("accuracy_error")
    return f"{100 * value:.1f} %" if not error else f"{100 * value:.1f} ± {100 * error:.1f} %"


def training_section(run: RunDirectory, figures: FigureFolder) -> list:
    curves = training.training_curves(run)
    loss = setting(run.settings, "task.kind", "")
    image = figures.save(training.draw_training(curves, guessing=False), "training")
    best = training.best_epoch(curves)
    caption = f"Loss per epoch{', and accuracy' if loss == 'classification' else ''}."
    parts = [page.figure(image, caption + (f" Dotted: epoch {best}, the lowest validation loss." if best else ""))]
    if best is not None:
        parts.append(page.paragraph(_overfitting(curves, best)))
    return parts


def _overfitting(curves: dict, best: int) -> str:
    """Whether the validation loss rises after its best epoch, and by how much of what was learnt."""
    epochs, losses = curves["validation"]["epoch"], curves["validation"]["loss"]
    after = losses[epochs > best]
    lowest = float(np.nanmin(losses))
    learnt = float(losses[0]) - lowest
    if not after.size:
        return "The validation loss was still falling when training ended: more epochs may help."
    if learnt <= 0:
        return (
            f"The validation loss is lowest after epoch {best}, the first: what is learnt after that is over-fitting. More "
            "data, a smaller network or a lower learning rate may help."
        )
    rise = (float(np.nanmean(after[-min(5, after.size) :])) - lowest) / learnt
    if rise < 0.05:
        return f"After epoch {best} the validation loss stays where it was: no sign of over-fitting."
    return (
        f"Over-fitting begins after epoch {best}: by the end the validation loss has risen again by {100 * rise:.0f} % of "
        "what it had fallen. The weights of the best epoch are the ones that are kept."
    )


def scores_section(run: RunDirectory, figures: FigureFolder) -> list:
    builders = {
        "classification": class_figures.section,
        "regression": regression_figures.section,
        "fields": field_figures.section,
    }
    task = task_of(run)
    if task not in builders:
        raise Missing(f"evaluation.json is of a task '{task}', which this report does not know.")
    return builders[task](run, figures, score_rows(run))


def repeats_section(run: RunDirectory, _: FigureFolder) -> list:
    """Mean and scatter over folds, seeds and training sets of other sizes."""
    if not (run.path / "repeats.json").exists():
        return [page.absent("The study was trained once; `phiscope repeat` trains it again with other splits and seeds.")]
    rows = []
    for name, scores in run.json("repeats.json").items():
        for word, of_word in scores.get("test", {}).items():
            for label, entry in _headline_scores(of_word):
                scatter = entry.get("scatter")
                spread = f" ± {scatter:.2g}" if scatter is not None else ""
                rows.append((f"{name}, {word}", scores.get("runs"), label, f"{entry['mean']:.4g}{spread}"))
    return [
        page.table(["trained again", "runs", "score", "mean ± scatter"], rows),
        page.paragraph("Test scores. The scatter is the standard deviation from one run to another, not of their mean."),
    ]


def _headline_scores(scores: dict) -> list:
    """The scores that are told first, of classes, fields and each target."""
    found = [(key, scores[key]) for key in ("accuracy", "log_loss", "mse") if "mean" in scores.get(key, {})]
    for target, entry in scores.items():
        if isinstance(entry, dict) and "rmse" in entry:
            found.append((f"RMSE of {target}", entry["rmse"]))
    return found


def explanation_section(run: RunDirectory, figures: FigureFolder) -> list:
    failed = saliency.failures(run, "gradient")
    parts = [page.paragraph(f"FAILED: {text}.") for text in failed]
    image = figures.save(attribution.draw(run), "attribution", "png")
    parts.append(
        page.figure(
            image,
            "How the number that is explained (a class's logit, the first target's mean) changes with each input, per "
            "standard deviation of that input, of the first explained item.",
        )
    )
    rows = [
        (method, test.replace("_", " "), maps, number(worst) if np.isfinite(worst) else "n/a")
        for method, test, maps, worst in saliency.sanity_scores(run)
    ]
    parts.append(page.table(["method", "test", "maps", "worst correlation"], rows))
    parts.append(
        page.paragraph(
            "Rank correlation of a map with that of random weights: near 0 the map depends on what was learnt, near 1 it "
            "would look the same without any training."
        )
    )
    return parts
