"""How well numbers are told: truth against prediction, residuals, ranks, expected coverage, one posterior."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from . import page
from .class_figures import names_of_task
from .corner_plot import draw_corner
from .figure_folder import FigureFolder
from .palette import FAINT, FIGURE_WIDTH, GR, INK
from .run_directory import RunDirectory
from .wording import DASH

SHOWN = 400


def targets_of(scores: dict) -> list:
    return [name for name, entry in scores.items() if isinstance(entry, dict) and "rmse" in entry]


def section(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    parts = [_score_table(rows)]
    split, word, scores = rows[0]
    place, names = f"{split}/{word}", names_of_task(run).get("targets", targets_of(scores))
    truth, prediction = (run.dataset("evaluation.h5", f"{place}/{name}") for name in ("truth", "prediction"))
    error = run.dataset("evaluation.h5", f"{place}/error") if run.has("evaluation.h5", f"{place}/error") else None
    image = figures.save(draw_truth(truth, prediction, error, names), "truth")
    shown = f" {SHOWN} of {len(truth)} samples." if len(truth) > SHOWN else ""
    parts.append(
        page.figure(image, f"{split.capitalize()} {word}s: prediction against truth, and what is left of it below.{shown}")
    )
    if error is None:
        return parts
    image = figures.save(draw_calibration(run, place, names), "calibration")
    parts.append(
        page.figure(
            image,
            "Left: where the true values lie within their posteriors; flat where the posteriors are right, in the grey band "
            "within two standard deviations of chance for independent samples. Right: how many truths lie in regions of the posterior of some "
            "credibility, all targets together (TARP); on the diagonal where they are right.",
        )
    )
    parts.append(page.paragraph(_coverage(scores, targets_of(scores))))
    if len(names) > 1:
        image = figures.save(draw_corner(run, place, names), "posterior")
        parts.append(page.figure(image, f"The posterior of the first {split} {word}. Lines: the true values."))
    return parts


def _score_table(rows: list) -> str:
    def value(entry: dict, key: str) -> str:
        found, error = entry.get(key), entry.get(f"{key}_error")
        return DASH if found is None else f"{found:.3g} ± {error:.1g}" if error else f"{found:.3g}"

    keys, titles = ["rmse", "r2", "bias"], ["RMSE", "R²", "bias"]
    entries = [entry for _, _, scores in rows for entry in (scores[name] for name in targets_of(scores))]
    for key, title in (("coverage68", "in 68 %"), ("coverage95", "in 95 %"), ("error_over_bound", "error/bound")):
        if any(key in entry for entry in entries):
            keys.append(key)
            titles.append(title)
    keys += ["mae", "relative_error"]
    titles += ["MAE", "relative error"]
    cells = [
        (f"{split} {word}s, {name}", *(value(scores[name], key) for key in keys))
        for split, word, scores in rows
        for name in targets_of(scores)
    ]
    return page.table(["", *titles], cells)


def _coverage(scores: dict, names: list) -> str:
    """One sentence on whether intervals hold what they promise."""
    off = []
    for name in names:
        entry = scores[name]
        found, error = entry.get("coverage68"), entry.get("coverage68_error") or 0.0
        if found is not None and abs(found - 0.68) > 2 * max(error, 1e-3):
            wide = "wide" if found > 0.68 else "narrow"
            off.append(f"{name} ({100 * found:.1f} ± {100 * error:.1f} %: too {wide})")
    if not off:
        return "The 68 % intervals hold as many truths as they promise, within two of their errors."
    return "The 68 % intervals do not hold what they promise: " + ", ".join(off) + "."


def draw_truth(truth: np.ndarray, prediction: np.ndarray, error, names: list) -> Figure:
    columns = min(len(names), 3)
    blocks = -(-len(names) // columns)
    figure, grid = plt.subplots(
        2 * blocks,
        columns,
        figsize=(FIGURE_WIDTH, 3.9 * blocks),
        squeeze=False,
        layout="constrained",
        gridspec_kw={"height_ratios": [2.2, 1] * blocks},
    )
    chosen = np.linspace(0, len(truth) - 1, min(SHOWN, len(truth))).astype(int)
    style = {"fmt": "o", "markersize": 2.2, "linewidth": 0.6, "color": GR, "alpha": 0.6}
    for i in range(blocks * columns):
        upper, lower = grid[2 * (i // columns), i % columns], grid[2 * (i // columns) + 1, i % columns]
        if i >= len(names):
            upper.set_visible(False)
            lower.set_visible(False)
            continue
        x, y = truth[chosen, i], prediction[chosen, i]
        bars = None if error is None else error[chosen, i]
        upper.plot([x.min(), x.max()], [x.min(), x.max()], color=INK, linewidth=0.9)
        upper.errorbar(x, y, yerr=bars, **style)
        upper.set_title(names[i], loc="left", fontweight="bold")
        upper.set_ylabel("prediction")
        lower.axhline(0.0, color=INK, linewidth=0.9)
        lower.errorbar(x, y - x, yerr=bars, **style)
        lower.set_xlabel("truth")
        lower.set_ylabel("residual")
    return figure


def draw_calibration(run: RunDirectory, place: str, names: list) -> Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(FIGURE_WIDTH, 3.2), layout="constrained")
    ranks = run.dataset("evaluation.h5", f"{place}/rank")
    bins = 20 if len(ranks) >= 400 else 10
    expected = len(ranks) / bins
    spread = 2 * np.sqrt(expected * (1 - 1 / bins))
    left.axhspan(expected - spread, expected + spread, color="#EEEEEE")
    for i, name in enumerate(names):
        counts, edges = np.histogram(ranks[:, i], bins=bins, range=(0, 1))
        left.stairs(counts, edges, label=name, linewidth=1.3)
    left.set_xlabel("rank of the truth in its posterior")
    left.set_ylabel("samples")
    left.legend(ncols=2)
    credibility = run.dataset("evaluation.h5", f"{place}/expected_coverage/credibility")
    coverage = run.dataset("evaluation.h5", f"{place}/expected_coverage/coverage")
    right.plot([0, 1], [0, 1], color=FAINT, linewidth=1.0)
    right.plot(credibility, coverage, color=INK)
    right.set_xlabel("credibility")
    right.set_ylabel("expected coverage")
    return figure
