"""The section on repeated trainings: mean and scatter over folds, seeds and training sets of other sizes."""

from . import page
from .figure_folder import FigureFolder
from .run_directory import RunDirectory
from .wording import measured, plural


def section(run: RunDirectory, _: FigureFolder) -> list:
    if not (run.path / "repeats.json").exists():
        return [page.absent("The study was trained once; `phiscope repeat` trains it again with other splits and seeds.")]
    rows = [
        (f"{name.replace('_', ' ')}, {plural(word)}", scores.get("runs"), label, _mean_and_scatter(entry))
        for name, scores in run.json("repeats.json").items()
        for word, of_word in scores.get("test", {}).items()
        for label, entry in _headline_scores(of_word)
    ]
    return [
        page.table(["trained again", "runs", "score", "mean ± scatter"], rows),
        page.paragraph("Test scores. The scatter is the standard deviation from one run to another, not of their mean."),
    ]


def _mean_and_scatter(entry: dict) -> str:
    mean, scatter = entry.get("mean"), entry.get("scatter")
    return measured(mean, scatter) if scatter or mean is None else f"{mean:.4g}"


def _headline_scores(scores: dict) -> list:
    """The scores that are told first, of classes, fields and each target."""
    labels = (("accuracy", "accuracy"), ("log_loss", "log loss"), ("mse", "MSE"))
    found = [(label, scores[key]) for key, label in labels if "mean" in scores.get(key, {})]
    for target, entry in scores.items():
        if isinstance(entry, dict) and "rmse" in entry:
            found.append((f"RMSE of {target}", entry["rmse"]))
    return found
