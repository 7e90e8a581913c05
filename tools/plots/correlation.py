"""How the bins of the power spectrum vary together from seed to seed."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from .palette import FIGURE_WIDTH, gravity_label
from .run_directory import RunDirectory

FILE = "statistics.h5"


def has_correlation(run: RunDirectory) -> bool:
    return run.has(FILE, "power/correlation")


def draw_correlation(run: RunDirectory) -> Figure:
    """One column per redshift: of P in the first gravity above, of the paired ratio below where there is one."""
    labels, gravities = run.redshift_labels(), run.gravities()
    shown = list(range(len(labels))) if len(labels) <= 3 else [0, len(labels) // 2, len(labels) - 1]
    rows = [(f"$P$, {gravity_label(gravities[0])}", run.dataset(FILE, "power/correlation")[0])]
    if run.has(FILE, "power/ratio_covariance"):
        ratio = f"{gravity_label(gravities[0])} / {gravity_label(gravities[1])}"
        rows.append((ratio, _correlations(run.dataset(FILE, "power/ratio_covariance"))))
    # Redshifts side by side; a single one has its two matrices side by side.
    down, across = (len(rows), len(shown)) if len(shown) > 1 else (1, len(rows))
    side = min(2.9, 0.84 * FIGURE_WIDTH / across)
    figure, grid = plt.subplots(
        down, across, squeeze=False, figsize=(FIGURE_WIDTH, side * down + 0.4), layout="constrained"
    )
    k = run.dataset(FILE, "power/k")
    for place, (row, redshift) in enumerate((row, redshift) for row in rows for redshift in shown):
        axes, (name, matrices) = grid.flat[place], row
        image = axes.imshow(matrices[redshift], vmin=-1, vmax=1, cmap="RdBu_r", origin="lower")
        _name_bins(axes, k)
        if place < across:
            axes.set_title(labels[redshift], loc="left", fontweight="bold")
        if place >= across * (down - 1):
            axes.set_xlabel(r"$k$  [$h$/Mpc]")
        if redshift == shown[0]:
            axes.set_ylabel(name)
    figure.colorbar(image, ax=grid, shrink=0.6, label="correlation")
    return figure


def _name_bins(axes, k) -> None:
    axes.grid(False)
    places = np.unique(np.linspace(0, len(k) - 1, 5).astype(int))
    names = [f"{k[place]:.2g}" for place in places]
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)


def _correlations(covariances: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariances / (scale[:, :, None] * scale[:, None, :])
