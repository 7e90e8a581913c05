"""Where the figures of a report go."""

from pathlib import Path

import matplotlib.pyplot as plt

UNFINISHED = ".part"


class FigureFolder:
    """Writes figures into the run directory, each beside its old self and renamed over it.

    Begins by removing what a report that was killed left unfinished.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        for stale in sorted(folder.glob(f"*{UNFINISHED}")):
            stale.unlink()

    def save(self, figure, name: str, kind: str = "svg") -> Path:
        self._folder.mkdir(exist_ok=True)
        target, unfinished = self._folder / f"{name}.{kind}", self._folder / f"{name}.{kind}{UNFINISHED}"
        # Dates and program versions in the metadata would make equal figures differ.
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(unfinished, format=kind, metadata=metadata)
        plt.close(figure)
        unfinished.replace(target)
        return target
