"""The section on the scores of a regression: how near the numbers come, and whether their errors can be believed."""

import json

from . import page
from .corner_plot import draw_corner
from .coverage_figure import draw_coverage
from .figure_folder import FigureFolder
from .regression_figures import SHOWN, draw_truth
from .run_directory import Missing, RunDirectory
from .wording import DASH, measured, measured_share, percent, plain, plural, sentence_of

FILE = "evaluation.h5"
ENDLESS = 10.0  # a relative error beyond it comes from true values near 0
NEARLY_ONE, SMALL = 0.999, 1e-4  # of an R² that is told as its distance from 1, and of its error


def targets_of(scores: dict) -> list:
    return [name for name, entry in scores.items() if isinstance(entry, dict) and "rmse" in entry]


def tells_nothing(entry: dict) -> bool:
    """Whether a target is told no better than by always answering the mean of the truths."""
    return entry.get("r2") is not None and entry["r2"] <= 2 * (entry.get("r2_error") or 0.0)


def section(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    """`rows`: (split, word, scores), of which those of the first split are drawn."""
    parts = [_error_table(*row) for row in rows]
    parts.append(page.paragraph(_reading_the_errors(rows)))
    for split, word, scores in rows:
        if split != rows[0][0]:
            continue
        names = _names(run, scores)
        place = f"{split}/{word}"
        try:
            rows_in_all = len(run.dataset(FILE, f"{place}/truth"))
            image = figures.save(draw_truth(run, place, names), f"truth_{word}")
            shown = f" {SHOWN} of {rows_in_all} are drawn." if rows_in_all > SHOWN else ""
            bars = " with the errors that the network gives" if run.has(FILE, f"{place}/error") else ""
            text = f"prediction against truth{bars}; below, prediction − truth.{shown}"
            parts.append(page.figure(image, f"{split.capitalize()} {plural(word)}: {text}"))
        except Missing as missing:
            parts.append(page.absent(str(missing)))
    densities = [row for row in rows if any("coverage68" in row[2][name] for name in targets_of(row[2]))]
    if densities:
        parts.append("<h3>Can the errors be believed?</h3>")
        parts.extend(_of_densities(run, figures, densities))
    return parts


def _names(run: RunDirectory, scores: dict) -> list:
    """The targets in the order of the datasets' columns."""
    told = json.loads(run.attribute(FILE, "task") or "{}")
    return told.get("targets") or targets_of(scores)


def _error_table(split: str, word: str, scores: dict) -> str:
    entries = {name: scores[name] for name in targets_of(scores)}
    bound = any("error_over_bound" in entry for entry in entries.values())
    header = [_title(split, word, scores), "RMSE", "MAE", "R²", "bias", "relative error"]
    cells = []
    for name, entry in entries.items():
        row = [name, _score(entry, "rmse"), plain(entry.get("mae")), _r2(entry), _score(entry, "bias")]
        row.append(_relative(entry))
        if bound:
            row.append(_score(entry, "error_over_bound") if "error_over_bound" in entry else DASH)
        cells.append(row)
    return page.table([*header, "RMSE / bound"] if bound else header, cells)


def _title(split: str, word: str, scores: dict) -> str:
    samples, groups = scores.get("samples", 0), scores.get("groups", 0)
    return f"{samples} {split} {plural(word)}" + (f" in {groups} groups" if groups != samples else "")


def _score(entry: dict, key: str) -> str:
    return measured(entry.get(key), entry.get(f"{key}_error"))


def _share(entry: dict, key: str) -> str:
    return measured_share(entry.get(key), entry.get(f"{key}_error"))


def _r2(entry: dict) -> str:
    value, error = entry.get("r2"), entry.get("r2_error")
    if value is not None and error and value > NEARLY_ONE and error < SMALL:
        return f"1 − {measured(1 - value, error)}"
    return measured(value, error)


def _relative(entry: dict) -> str:
    value = entry.get("relative_error")
    if value is None or value > ENDLESS:
        return DASH
    return f"{measured(100 * value, 100 * (entry.get('relative_error_error') or 0.0))} %"


def _reading_the_errors(rows: list) -> str:
    entries = [scores[name] for _, _, scores in rows for name in targets_of(scores)]
    text = (
        "Errors come from a bootstrap over groups. RMSE: root mean square of prediction − truth; MAE: mean of its "
        "size; bias: its mean, all in units of the target. R²: part of the variance of the truth that is told; 0 is no "
        "better than always answering its mean."
    )
    if any(entry.get("relative_error") is None or entry["relative_error"] > ENDLESS for entry in entries):
        text += " A relative error means nothing where true values come close to 0; none is given there."
    if any("error_over_bound" in entry for entry in entries):
        text += (
            " RMSE / bound: in units of the smallest error that an unbiased estimate can have (Cramér & Rao), known "
            "because the data were simulated; 1 is the best."
        )
    return text


def _of_densities(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    parts = [_coverage_table(*row) for row in rows]
    split, word, scores = rows[0]
    place, names = f"{split}/{word}", _names(run, scores)
    parts.append(page.paragraph(coverage_sentence(split, word, scores)))
    try:
        image = figures.save(draw_coverage(run, place, names), "coverage")
        parts.append(page.figure(image, _coverage_caption(split, word, scores)))
        if len(names) > 1:
            image = figures.save(draw_corner(run, place, names), "posterior")
            parts.append(
                page.figure(
                    image,
                    f"The posterior of the first {split} {word}: regions of 68 and 95 %; lines: the true values. The "
                    "network gives every target a density of its own, so that two of them together are their product.",
                )
            )
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return parts


def _coverage_table(split: str, word: str, scores: dict) -> str:
    header = [_title(split, word, scores), "truths in 68 %", "truths in 95 %", "mean ln p(truth)"]
    cells = [
        (
            name,
            *(_share(scores[name], key) for key in ("coverage68", "coverage95")),
            _score(scores[name], "log_likelihood"),
        )
        for name in targets_of(scores)
    ]
    return page.table(header, cells)


def coverage_sentence(split: str, word: str, scores: dict) -> str:
    """Whether intervals hold as many truths as they promise, within two of the errors."""
    groups = max(scores.get("groups", 1), 1)
    off = {}
    for promised, key in ((0.68, "coverage68"), (0.95, "coverage95")):
        for name in targets_of(scores):
            found, error = scores[name].get(key), scores[name].get(f"{key}_error")
            # The bootstrap has no spread where all are within or all without.
            error = error or (promised * (1 - promised) / groups) ** 0.5
            if found is not None and abs(found - promised) > 2 * error:
                fault = f"too {'wide' if found > promised else 'narrow'} at {100 * promised:.0f} %"
                off.setdefault(fault, []).append(f"{name} ({percent(found)})")
    of_samples = f"Over the {split} {plural(word)}"
    if not off:
        return f"{of_samples} coverage is as it should be within two of its errors, at 68 and at 95 %, for every target."
    faults = "; ".join(f"{fault}: {sentence_of(names)}" for fault, names in off.items())
    return f"{of_samples} some coverage is not as it should be within two of its errors; {faults}."


def _coverage_caption(split: str, word: str, scores: dict) -> str:
    dependent = scores.get("groups", 0) < scores.get("samples", 0)
    return (
        f"{split.capitalize()} {plural(word)}. Left: rank of the true value in its posterior, flat where posteriors "
        "are right. Right: part of the truths in regions of the posterior of some credibility, all targets together "
        "(TARP, Lemos et al. 2023), on the diagonal where they are right. Grey: two standard deviations of chance"
        + (", of independent samples (dark) and if the samples of a group count as one (light)." if dependent else ".")
    )
