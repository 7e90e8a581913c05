"""The report of a study that has data and a task of its own: what is said and drawn in place of the gravities."""

from . import (
    about_sections,
    attribution,
    class_section,
    field_section,
    overfitting,
    page,
    regression_section,
    repeats,
    saliency,
    training,
    verdicts,
)
from .figure_folder import FigureFolder
from .result_sections import how_training_went, sanity_of_the_maps
from .run_directory import Missing, RunDirectory
from .study_file import setting

SPLITS = ("test", "validation")
# What a section and a verdict are made by, for each task.
OF_TASK = {
    "classification": (class_section.section, verdicts.of_classes),
    "regression": (regression_section.section, verdicts.of_numbers),
    "fields": (field_section.section, verdicts.of_fields),
}


def is_asked(run: RunDirectory) -> bool:
    """Whether the study has data and a task of its own, and not simulations of pairs."""
    if setting(run.settings, "data.kind", "simulations") not in ("simulations", None):
        return True
    try:
        return "task" in run.json("evaluation.json")
    except Missing:
        return False


def sections() -> tuple:
    """Title and builder of each section."""
    return (
        ("What was run", about_sections.settings_and_provenance),
        ("Training", training_section),
        ("Scores", scores_section),
        ("Trained again", repeats.section),
        ("What the network looks at", explanation_section),
    )


def score_rows(run: RunDirectory) -> list:
    """[(split, word, scores)]: of the test first, samples before groups."""
    evaluation = run.json("evaluation.json")
    rows = [(split, word, scores) for split in SPLITS for word, scores in evaluation.get(split, {}).items()]
    if not rows:
        raise Missing("evaluation.json holds no scores.")
    return rows


def _of_task(run: RunDirectory) -> tuple:
    task = run.json("evaluation.json").get("task")
    if task not in OF_TASK:
        raise Missing(f"evaluation.json is of a task '{task}', which this report does not know.")
    return OF_TASK[task]


def verdict(run: RunDirectory) -> str:
    return _of_task(run)[1](score_rows(run))


def scores_section(run: RunDirectory, figures: FigureFolder) -> list:
    return _of_task(run)[0](run, figures, score_rows(run))


def training_section(run: RunDirectory, figures: FigureFolder) -> list:
    curves = training.training_curves(run)
    if training.has_accuracy(curves):
        figure, caption = training.draw_training(curves, guessing=False), "Loss and accuracy per epoch."
    else:
        figure, caption = training.draw_loss(curves, _loss_name(run)), "Loss per epoch."
    best = training.best_epoch(curves)
    if best is not None:
        caption += f" Dotted: epoch {best}, the lowest validation loss."
    parts = [page.figure(figures.save(figure, "training"), caption)]
    if (text := overfitting.where_it_begins(curves)) is not None:
        parts.append(page.paragraph(text))
    return [*parts, *how_training_went(curves)]


def _loss_name(run: RunDirectory) -> str:
    """The loss by its name in study.yaml; `loss` where the task has chosen it."""
    name = setting(run.settings, "training.loss.name", "auto")
    return "loss" if name in ("auto", None) else f"loss ({str(name).replace('_', ' ')})"


def explanation_section(run: RunDirectory, figures: FigureFolder) -> list:
    parts = [page.paragraph(f"FAILED: {text}.") for text in saliency.failures(run, "gradient")]
    try:
        items = attribution.explained(run)
        kind = "svg" if attribution.is_of_a_row(run, items[0]) else "png"
        image = figures.save(attribution.draw_attribution(run, items), "attribution", kind)
        parts.append(page.figure(image, _explanation_caption(run, items)))
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return [*parts, *sanity_of_the_maps(run)]


def _explanation_caption(run: RunDirectory, items: list) -> str:
    """What the explained number is, and how it is shown."""
    explained = {
        "classification": "the logit of the sample's own class",
        "regression": "the first target's scaled mean",
        "fields": "the predicted field in the middle of the sample",
    }.get(setting(run.settings, "task.kind"), "the explained number")
    classes = attribution.classes_of(run)
    if len(classes) == 2:
        explained += f" (of {classes[1]}, where two classes share one logit)"
    if attribution.is_of_a_row(run, items[0]):
        most = f" Only the {attribution.MOST_BARS} largest are drawn." if attribution.has_more(run, items[0]) else ""
        return (
            f"How {explained} changes with each column, per standard deviation of that column, at the first explained "
            f"row: bars to the right raise it.{most}"
        )
    return (
        f"The input and the gradient of {explained}, of the first explained group; of cubes the central slice. In the "
        "signed map, more input at a red place raises that number, at a blue place lowers it. One colour scale per "
        "column, cut at the 99.5th percentile."
    )
