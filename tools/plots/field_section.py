"""The section on the scores of fields."""

from . import page
from .field_figures import draw_fields
from .figure_folder import FigureFolder
from .run_directory import RunDirectory
from .wording import DASH, measured, number, plural


def section(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    """`rows`: (split, word, scores)."""
    parts = [_score_table(rows), page.paragraph(_reading_the_scores(rows))]
    split, word, _ = rows[0]
    if not run.has("evaluation.h5", f"{split}/{word}/k"):
        return [*parts, page.absent("T(k) and r(k) are measured of whole cubes only.")]
    parts.append(
        page.figure(
            figures.save(draw_fields(run, word), "fields"),
            f"{split.capitalize()} {plural(word)}; grey: validation. T(k): root of the ratio of the powers of "
            "prediction and target. r(k): correlation of the two; 1 where the phases agree. Dotted: half the Nyquist wavenumber.",
        )
    )
    return parts


def _score_table(rows: list) -> str:
    curves = any(scores.get("correlation_at_half_nyquist") is not None for _, _, scores in rows)
    header = ["", "MSE", "MSE of the baseline", "MSE / baseline's", *(["r(k) at half Nyquist"] if curves else [])]
    cells = []
    for split, word, scores in rows:
        row = [
            f"{split}, {plural(word)}",
            *(measured(scores.get(key), scores.get(f"{key}_error")) for key in ("mse", "baseline_mse")),
            number(scores["mse"] / scores["baseline_mse"], 4) if scores.get("baseline_mse") else DASH,
        ]
        if curves:
            row.append(number(scores.get("correlation_at_half_nyquist"), 4))
        cells.append([*row, scores.get("samples", DASH), scores.get("groups", DASH)])
    return page.table([*header, "samples", "groups"], cells)


def _reading_the_scores(rows: list) -> str:
    baseline = rows[0][2].get("baseline", "what can be said without a network")
    return (
        "MSE: mean squared error of a cell, in the field's own units squared; errors come from a bootstrap over "
        f"groups. The baseline is {baseline}."
    )
