"""How well fields are given: their error beside a baseline's, transfer function and correlation by scale."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from . import page
from .figure_folder import FigureFolder
from .palette import FAINT, FIGURE_WIDTH, INK
from .run_directory import RunDirectory
from .wording import DASH, number


def section(run: RunDirectory, figures: FigureFolder, rows: list) -> list:
    cells = [
        (
            f"{split}, {word}s",
            f"{scores['mse']:.4g} ± {scores.get('mse_error') or 0:.2g}",
            f"{scores['baseline_mse']:.4g}",
            scores.get("baseline", DASH),
            number(scores.get("correlation_at_half_nyquist"), 4),
            scores.get("samples", DASH),
        )
        for split, word, scores in rows
    ]
    header = ["", "mean squared error", "baseline's", "baseline", "r at half of k_N", "samples"]
    parts = [page.table(header, cells)]
    split, word, _ = rows[0]
    if run.has("evaluation.h5", f"{split}/{word}/k"):
        image = figures.save(draw(run, f"{split}/{word}"), "fields")
        parts.append(
            page.figure(
                image,
                f"{split.capitalize()} {word}s. Left: T(k), the root of the ratio of powers of prediction and target. Right: "
                "1 − r(k), the part of the amplitude that does not agree. Dotted: half the Nyquist wavenumber.",
            )
        )
    return parts


def draw(run: RunDirectory, place: str) -> Figure:
    k, transfer, correlation = (run.dataset("evaluation.h5", f"{place}/{name}") for name in ("k", "transfer", "correlation"))
    figure, (left, right) = plt.subplots(1, 2, figsize=(FIGURE_WIDTH, 3.1), layout="constrained")
    left.axhline(1.0, color=FAINT, linewidth=1.0)
    left.plot(k, transfer, color=INK, marker="o", markersize=3)
    left.set_ylabel("T(k)")
    right.plot(k, 1.0 - correlation, color=INK, marker="o", markersize=3)
    right.set_yscale("log")
    right.set_ylabel("1 − r(k)")
    for axes in (left, right):
        axes.axvline(k[-1] / 2, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
        axes.set_xlabel(r"$k/k_F$")
    return figure
