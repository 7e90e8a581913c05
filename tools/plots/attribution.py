"""What an answer owes to each input: bars for the columns of a table, maps and slices beside what the network saw."""

import json

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FIGURE_WIDTH, GR, NEWTON
from .run_directory import Missing, RunDirectory
from .saliency import central_slice
from .study_file import setting

FILE = "explanation.h5"
MOST_BARS = 40  # of more columns those of the largest gradients are shown
MOST_ROWS = 4
COLUMNS = (
    ("input", "network's input", "viridis"),
    ("gradient", "signed gradient", "RdBu_r"),
    ("gradient_absolute", "absolute gradient", "magma"),
)


def classes_of(run: RunDirectory) -> list:
    """The names of the classes in their own order; none of other tasks, or where there is no evaluation.h5."""
    try:
        return json.loads(run.attribute("evaluation.h5", "task") or "{}").get("classes", [])
    except Missing:
        return []


def explained(run: RunDirectory) -> list:
    """group/member of the items of the first explained group, classes in their own order.

    Without maps that failed their check, where it can be told which these are.
    """
    gradients = run.hdf5(FILE).get("gradient")
    if gradients is None or not len(gradients):
        raise Missing("explanation.h5 holds no gradients.")
    group = min(gradients, key=lambda name: (int("".join(filter(str.isdigit, name)) or 0), name))
    classes = classes_of(run)
    members = sorted(gradients[group], key=lambda name: (classes.index(name) if name in classes else 0, name))
    if run.has(FILE, "sanity/gradient/passed"):
        passed = run.dataset(FILE, "sanity/gradient/passed")
        if not passed.any():
            raise Missing("The gradients failed their check and are not drawn.")
        if len(passed) == len(members):
            members = [member for member, good in zip(members, passed) if good]
    return [f"{group}/{member}" for member in members[:MOST_ROWS]]


def is_of_a_row(run: RunDirectory, item: str) -> bool:
    return run.hdf5(FILE)[f"gradient/{item}"].ndim == 1


def has_more(run: RunDirectory, item: str) -> bool:
    """Whether a row has more columns than are drawn."""
    return run.hdf5(FILE)[f"gradient/{item}"].size > MOST_BARS


def draw_attribution(run: RunDirectory, items: list) -> Figure:
    return _draw_bars(run, items[0]) if is_of_a_row(run, items[0]) else _draw_maps(run, items)


def _draw_bars(run: RunDirectory, item: str) -> Figure:
    gradient = run.dataset(FILE, f"gradient/{item}").astype(float)
    names = setting(run.settings, "data.columns", None) or []
    if len(names) != len(gradient):
        names = [f"input {i + 1}" for i in range(len(gradient))]
    order = np.argsort(np.abs(gradient), kind="stable")[-MOST_BARS:]
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH, 0.2 * len(order) + 0.7), layout="constrained")
    axes.barh(range(len(order)), gradient[order], color=[GR if value > 0 else NEWTON for value in gradient[order]])
    axes.set_yticks(range(len(order)), [str(names[i]) for i in order])
    axes.set_xlabel("change of the explained number per standard deviation of the column")
    axes.axvline(0.0, color="#666666", linewidth=0.7)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    return figure


def _draw_maps(run: RunDirectory, items: list) -> Figure:
    """A row for each item; one colour scale per column."""
    height = (2.9 if len(items) == 1 else 2.5) * len(items) + 0.5
    figure, grid = plt.subplots(len(items), 3, figsize=(FIGURE_WIDTH, height), squeeze=False, layout="constrained")
    for panels, (source, title, colours) in zip(grid.T, COLUMNS):
        planes = [central_slice(run, f"{source}/{item}") for item in items]
        reach = float(np.nanpercentile(np.abs(np.stack(planes)), 99.5)) or 1.0
        low, high = np.nanpercentile(np.stack(planes), (0.5, 99.5))
        limits = {"gradient": (-reach, reach), "gradient_absolute": (0.0, reach)}.get(source, (low, high))
        for panel, plane, item in zip(panels, planes, items):
            image = panel.imshow(
                plane, origin="lower", interpolation="nearest", cmap=colours, vmin=limits[0], vmax=limits[1]
            )
            panel.set_xticks([])
            panel.set_yticks([])
            panel.grid(False)
            panel.spines[:].set_visible(False)
            if source == "input" and len(items) > 1:
                panel.set_ylabel(item.partition("/")[2], fontweight="bold")
        panels[0].set_title(title, loc="left", fontweight="bold")
        bar = figure.colorbar(image, ax=list(panels), orientation="horizontal", shrink=0.85, aspect=30, pad=0.02)
        bar.outline.set_visible(False)
        bar.locator.set_params(nbins=5)
        bar.formatter.set_powerlimits((-2, 3))
    return figure
