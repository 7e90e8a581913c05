"""Where over-fitting begins: the validation loss rises again while the training loss goes on falling."""

import numpy as np

from .training import best_epoch
from .wording import counted

MOST = 10  # epochs whose mean is taken, so that one of them does not decide
FEWEST = 3  # epochs after the best one that tell a rise from scatter


def where_it_begins(curves: dict):
    """One or two sentences, or None without validation."""
    best = best_epoch(curves)
    if best is None:
        return None
    losses = _finite(curves["validation"])
    lowest, later = losses[best], np.array([loss for epoch, loss in losses.items() if epoch > best])
    lead = f"The validation loss is lowest in epoch {best} ({lowest:.4g})"
    if not later.size:
        return f"{lead}, the last one: no sign of over-fitting, and more epochs may lower it further."
    if later.size < FEWEST:
        return f"{lead}, {counted(later.size, 'epoch')} before the end: too few to tell over-fitting from scatter."
    tail = later[-min(MOST, later.size // 3) :]
    around = [loss for epoch, loss in losses.items() if abs(epoch - best) <= max(tail.size // 2, 1)]
    end = float(tail.mean())
    lead += f"; in the last {counted(tail.size, 'epoch')} its mean is {end:.4g}{_higher(end, lowest)}."
    scatter = _scatter(later)
    # The lowest of many is low by chance too: the epochs around it are compared with the last ones.
    if end - np.mean(around) <= 3 * scatter * np.sqrt(1 / len(around) + 1 / tail.size):
        return f"{lead} That is within the scatter from epoch to epoch (±{scatter:.2g}): no sign of over-fitting."
    if not _training_fell(curves, best, tail.size):
        return f"{lead} The training loss did not fall meanwhile: training has become worse, which is not over-fitting."
    return (
        f"{lead} Over-fitting begins after epoch {best}: the training loss goes on falling. The weights of that epoch "
        "are those that are kept."
    )


def _finite(of_split: dict) -> dict:
    """{epoch: loss} of the epochs that have one."""
    pairs = zip(of_split["epoch"], of_split["loss"])
    return {int(epoch): float(loss) for epoch, loss in pairs if np.isfinite(loss)}


def _higher(end: float, lowest: float) -> str:
    """The rise, in parts of the lowest loss where that is a positive number."""
    return f", {100 * (end / lowest - 1):.0f} % higher" if lowest > 0 else f", {end - lowest:.2g} higher"


def _scatter(losses: np.ndarray) -> float:
    """From epoch to epoch; a steady rise has none."""
    return float(np.std(np.diff(losses)) / np.sqrt(2.0))


def _training_fell(curves: dict, best: int, length: int) -> bool:
    """Whether the training loss is lower in the last epochs than it was in the best one."""
    training = _finite(curves["train"]) if "train" in curves else {}
    return best in training and np.mean(list(training.values())[-length:]) < training[best]
