"""What an answer owes to each input: bars for the columns of a table, maps and slices beside what the network saw."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FIGURE_WIDTH, GR, NEWTON
from .run_directory import Missing, RunDirectory
from .saliency import central_slice
from .study_file import setting


def first_item(run: RunDirectory) -> str:
    """group/member of the first explained item."""
    groups = run.hdf5("explanation.h5").get("gradient")
    if groups is None or not len(groups):
        raise Missing("explanation.h5 holds no gradients.")
    group = min(groups, key=lambda name: (int("".join(filter(str.isdigit, name)) or 0), name))
    return f"{group}/{sorted(groups[group])[0]}"


def draw(run: RunDirectory) -> Figure:
    item = first_item(run)
    gradient = run.dataset("explanation.h5", f"gradient/{item}")
    return _draw_bars(run, gradient) if gradient.ndim == 1 else _draw_maps(run, item)


def _draw_bars(run: RunDirectory, gradient: np.ndarray) -> Figure:
    names = setting(run.settings, "data.columns", []) or []
    if len(names) != len(gradient):
        names = [str(i + 1) for i in range(len(gradient))]
    order = np.argsort(np.abs(gradient))
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH * 0.7, 0.24 * len(names) + 0.8), layout="constrained")
    axes.barh(range(len(names)), gradient[order], color=[GR if value > 0 else NEWTON for value in gradient[order]])
    axes.set_yticks(range(len(names)), [names[i] for i in order])
    axes.set_xlabel("change per standard deviation of the column")
    return figure


def _draw_maps(run: RunDirectory, item: str) -> Figure:
    columns = (("input", "input", "viridis"), ("gradient", "signed", "RdBu_r"), ("gradient_absolute", "absolute", "magma"))
    figure, panels = plt.subplots(1, 3, figsize=(FIGURE_WIDTH, 3.3), layout="constrained")
    for panel, (source, title, colours) in zip(panels, columns):
        plane = central_slice(run, f"{source}/{item}")
        reach = float(np.nanpercentile(np.abs(plane), 99.5)) or 1.0
        limits = {"vmin": -reach, "vmax": reach} if source == "gradient" else {}
        image = panel.imshow(plane, origin="lower", interpolation="nearest", cmap=colours, **limits)
        panel.set_title(title, loc="left", fontweight="bold")
        panel.set_xticks([])
        panel.set_yticks([])
        panel.grid(False)
        figure.colorbar(image, ax=panel, orientation="horizontal", shrink=0.85, pad=0.02).outline.set_visible(False)
    return figure
