"""Where the network looks: saliency maps of a test pair, and what its answer owes to each band of k."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FAINT, FIGURE_WIDTH, INK, gravity_label, percent_axis, readable_log_axis
from .run_directory import Missing, RunDirectory

NOT_METHODS = ("input", "sanity", "bands")
# Beside the tests of sanity/METHOD: what came of them, map by map.
NOT_TESTS = ("passed", "failure")
ABSOLUTE = "_absolute"
GRAVITIES = ("gr", "newton")


def methods(run: RunDirectory) -> list:
    """The methods of explanation.h5 that hold maps; an `…_absolute` companion is no method of its own, and the
    gradients of a network of spectra, one number for each band, are no maps."""
    file = run.hdf5("explanation.h5")
    names = [name for name in file if name not in NOT_METHODS and _holds_maps(file[name])]
    return [name for name in names if not (name.endswith(ABSOLUTE) and name[: -len(ABSOLUTE)] in names)]


def _holds_maps(group) -> bool:
    return any(data.ndim > 1 for gravities in group.values() for data in gravities.values())


def first_pair(run: RunDirectory, method: str) -> str:
    """The lowest seed of which the method has both gravities."""
    group = run.hdf5("explanation.h5")[method]
    seeds = [seed for seed in group if all(f"{seed}/{gravity}" in group for gravity in GRAVITIES)]
    if not seeds:
        raise Missing(f"explanation.h5 holds no pair under /{method}.")
    return min(seeds, key=lambda seed: (int("".join(filter(str.isdigit, seed)) or 0), seed))


def central_slice(run: RunDirectory, path: str) -> np.ndarray:
    """The plane at half height of the first data axis; of a map with channels, of the first channel."""
    data = run.hdf5("explanation.h5")[path]
    leading = (0,) * (data.ndim - 3)
    plane = data[leading + (data.shape[-3] // 2,)] if data.ndim >= 3 else data[...]
    return np.asarray(plane, dtype=float)


def draw_saliency(run: RunDirectory, method: str) -> Figure:
    """Rows GR and Newton; columns input (where stored), signed map, absolute map. One colour scale per column."""
    seed = first_pair(run, method)
    columns = []
    if all(run.has("explanation.h5", f"input/{seed}/{gravity}") for gravity in GRAVITIES):
        columns.append(("input", "network's input", True))
    columns.append((method, "signed saliency", True))
    if all(run.has("explanation.h5", f"{method}{ABSOLUTE}/{seed}/{gravity}") for gravity in GRAVITIES):
        columns.append((method + ABSOLUTE, "absolute saliency", False))
    side = min(FIGURE_WIDTH / len(columns), 3.2)
    figure, grid = plt.subplots(
        2, len(columns), figsize=(FIGURE_WIDTH, 1.9 * side + 0.9), squeeze=False, layout="constrained"
    )
    for column, (axes, (source, title, signed)) in enumerate(zip(grid.T, columns)):
        planes = [central_slice(run, f"{source}/{seed}/{gravity}") for gravity in GRAVITIES]
        reach = np.nanpercentile(np.abs(np.stack(planes)), 99.5) or 1.0
        scale = (
            {"cmap": "RdBu_r", "vmin": -reach, "vmax": reach} if signed else {"cmap": "magma", "vmin": 0, "vmax": reach}
        )
        for panel, plane, gravity in zip(axes, planes, GRAVITIES):
            image = panel.imshow(plane, origin="lower", interpolation="nearest", **scale)
            panel.set_xticks([])
            panel.set_yticks([])
            panel.grid(False)
            panel.spines[:].set_visible(False)
            if column == 0:
                panel.set_ylabel(gravity_label(gravity), fontweight="bold")
        axes[0].set_title(title, loc="left", fontweight="bold")
        bar = figure.colorbar(
            image,
            ax=list(axes),
            orientation="horizontal",
            shrink=0.85,
            aspect=34,
            pad=0.015,
            extend="both" if signed else "max",
        )
        bar.outline.set_visible(False)
        bar.formatter.set_powerlimits((-2, 3))
    return figure


def sanity_scores(run: RunDirectory) -> list:
    """[(method, test, number of maps, the score furthest from 0)], sorted; nan where a map has none."""
    if not run.has("explanation.h5", "sanity"):
        raise Missing("explanation.h5 holds no sanity scores.")
    group = run.hdf5("explanation.h5")["sanity"]
    scores = [
        (method, test, np.ravel(run.dataset("explanation.h5", f"sanity/{method}/{test}")).astype(float))
        for method in sorted(group)
        for test in sorted(group[method])
        if test not in NOT_TESTS
    ]
    # argmax takes a nan for the largest: a map without a score is the worst.
    return [
        (method, test, values.size, float(values[np.argmax(np.abs(values))]))
        for method, test, values in scores
        if values.size
    ]


def failures(run: RunDirectory, method: str) -> list:
    """Why maps of a method failed their check, a sentence for each, which begins with the map's run: "seed 7, gr: …"."""
    place = f"sanity/{method}/failure"
    if not run.has("explanation.h5", place):
        return []
    texts = run.hdf5("explanation.h5")[place].asstr()[...]
    return [text for text in texts if text]


def is_of_seed(failure: str, seed: str) -> bool:
    return failure.startswith(f"seed {seed}, ")


def draw_bands(run: RunDirectory) -> Figure:
    """Accuracy, and change of the logit, when one band of k is taken out of the input."""
    low, high, accuracy, error, change = (
        run.dataset("explanation.h5", f"bands/{name}")
        for name in ("k_low", "k_high", "accuracy", "accuracy_error", "logit_change")
    )
    middle = np.where(low > 0, np.sqrt(np.maximum(low, 1e-30) * high), 0.5 * high)
    reach = np.array([middle - low, high - middle])
    figure, (left, right) = plt.subplots(1, 2, figsize=(FIGURE_WIDTH, 3.0), layout="constrained")
    left.axhline(0.5, color=FAINT, linewidth=1.0)
    style = {"xerr": reach, "color": INK, "fmt": "o", "markersize": 3.2, "linewidth": 1.0}
    left.errorbar(middle, accuracy, yerr=error if np.all(np.isfinite(error)) else None, **style)
    left.set_ylabel("accuracy without the band")
    percent_axis(left.yaxis)
    right.axhline(0.0, color=FAINT, linewidth=1.0)
    right.errorbar(middle, change, **style)
    right.set_ylabel("change of the logit")
    for axes in (left, right):
        axes.set_xlabel(r"$k$  [$h$/Mpc]")
        readable_log_axis(axes)
    return figure
