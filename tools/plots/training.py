"""Loss and accuracy over the epochs of training."""

import json

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from .palette import FAINT, FIGURE_WIDTH, INK, TRAIN, VALIDATION, percent_axis
from .run_directory import Missing, RunDirectory

SPLITS = (("train", TRAIN, "training"), ("validation", VALIDATION, "validation"))


def training_curves(run: RunDirectory) -> dict:
    """{split: {"epoch", "loss", "accuracy", "samples_per_second", "same_output": arrays over epochs}}; nan where
    an epoch has none."""
    rows = {}
    for number, line in enumerate(run.text("metrics.jsonl").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise Missing(f"metrics.jsonl, line {number}, is not valid JSON: {error}.") from None
        if entry.get("stage", "train") == "train" and "epoch" in entry and "split" in entry:
            rows.setdefault(entry["split"], {})[entry["epoch"]] = entry
    if not rows:
        raise Missing("metrics.jsonl holds no epoch yet.")
    keys = ("epoch", "loss", "accuracy", "samples_per_second", "same_output")
    return {
        split: {key: np.array([_number(entries[epoch].get(key)) for epoch in sorted(entries)]) for key in keys}
        for split, entries in rows.items()
    }


def best_epoch(curves: dict):
    """The epoch of the lowest validation loss, or None without validation."""
    validation = curves.get("validation")
    if validation is None or not np.any(np.isfinite(validation["loss"])):
        return None
    return int(validation["epoch"][np.nanargmin(validation["loss"])])


def ended_the_same(curves: dict) -> bool:
    """Whether the network of the best epoch gives every validation sample one and the same output."""
    best = best_epoch(curves)
    if best is None:
        return False
    validation = curves["validation"]
    return bool(np.isfinite(validation["same_output"][validation["epoch"] == best]).any())


def has_accuracy(curves: dict) -> bool:
    return any(np.isfinite(of_split["accuracy"]).any() for of_split in curves.values())


def draw_training(curves: dict, guessing: bool = True) -> Figure:
    """Loss and accuracy. `guessing`: with what guessing gives of two classes that are equally frequent."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(FIGURE_WIDTH, 3.2), layout="constrained")
    best = best_epoch(curves)
    for axes, key in ((left, "loss"), (right, "accuracy")):
        _draw_lines(axes, curves, key, best)
    left.set_ylabel("cross-entropy loss")
    if guessing:
        left.axhline(np.log(2.0), color=FAINT, linewidth=1.0)
        # From zero once much was learnt; a network that barely beats guessing would show a flat line there.
        if np.nanmin(_losses(curves), initial=np.log(2.0)) < 0.6 * np.log(2.0):
            left.set_ylim(bottom=0.0)
        right.axhline(0.5, color=FAINT, linewidth=1.0)
    right.set_ylabel("accuracy per sample")
    percent_axis(right.yaxis)
    _name_best(left, best)
    right.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    return figure


def draw_loss(curves: dict, name: str) -> Figure:
    """A loss of any kind by itself: logarithmic where it falls by more than a factor of 30 and stays above 0."""
    figure, axes = plt.subplots(figsize=(FIGURE_WIDTH, 3.2), layout="constrained")
    best, losses = best_epoch(curves), _losses(curves)
    _draw_lines(axes, curves, "loss", best)
    if np.nanmin(losses) > 0 and np.nanmax(losses) > 30 * np.nanmin(losses):
        axes.set_yscale("log")
        if np.nanmax(losses) < 1e3 * np.nanmin(losses):
            axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel(name)
    _name_best(axes, best)
    axes.legend(loc="upper right", frameon=True, framealpha=1.0, edgecolor="none")
    return figure


def _losses(curves: dict) -> np.ndarray:
    return np.concatenate([curves[split]["loss"] for split, _, _ in SPLITS if split in curves])


def _draw_lines(axes, curves: dict, key: str, best) -> None:
    for split, colour, label in SPLITS:
        if split in curves:
            marker = "o" if len(curves[split]["epoch"]) < 40 else None
            style = {"color": colour, "label": label, "marker": marker, "markersize": 2.8}
            axes.plot(curves[split]["epoch"], curves[split][key], **style)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if best is not None:
        axes.axvline(best, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))


def _name_best(axes, best) -> None:
    if best is not None:
        axes.annotate(
            f"best: epoch {best}",
            (best, 1.0),
            xycoords=("data", "axes fraction"),
            fontsize=8,
            ha="center",
            va="bottom",
            xytext=(0, 2),
            textcoords="offset points",
        )


def _number(value) -> float:
    return float("nan") if value is None else float(value)
