"""The networks that the comparisons with other programs go through, and the program that runs ours on them."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from exchange.layer_settings import READERS  # noqa: E402
from exchange.network_file import read_network  # noqa: E402


@dataclass
class Case:
    """A network at a size that is quick to compute."""

    file: Path
    input: str
    parameters: dict[str, float] = field(default_factory=dict)
    batch: int = 6

    def __str__(self) -> str:
        return f"{self.file.stem} at {self.input}"


PRESETS = {
    "camels_mdn": [("1x16x16", {"hidden": 3, "targets": 2})],
    "camels_moments": [("2x16x16", {"hidden": 1, "targets": 2})],
    "cosmoflow": [("2x32x32x32", {"base": 8})],
    "mlp": [("20", {"width": 10})],
    "o3": [("1x16x16", {"hidden": 1}), ("1x32x32", {"hidden": 8})],
    "penguin": [("1x64x64", {"p": 2})],
    "racoon": [("1x64x64", {"p": 2})],
    "ravanbakhsh": [("1x32x32x32", {"base": 2})],
    "resnet": [("1x32x32", {"width": 3}), ("2x32x32x32", {"width": 2, "blocks": 1})],
    "scales": [("1x16x16", {"hidden": 2})],
    "sigmoid_mlp": [("5", {"layers": 2, "width": 9, "outputs": 3})],
    "small": [("2x8x8", {"hidden": 2})],
    "strengths": [("1x16x16", {"hidden": 2, "outputs": 2})],
    "unet3d": [("3x8x8x8", {"width": 3}), ("1x16x16", {"width": 5})],
}
"""Where a network has parameters that the table does not name, they stay at their defaults; dropout is always 0."""


def cases() -> list[Case]:
    presets = sorted((ROOT / "config/networks").glob("*.yaml"))
    unlisted = [preset.name for preset in presets if preset.stem not in PRESETS]
    if unlisted:
        sys.exit(f"FAILED: {', '.join(unlisted)}: no size to try is listed in {Path(__file__).name}")
    every_layer = ROOT / "tests/regression/every_layer.yaml"
    found = [Case(every_layer, "2x8x8"), Case(every_layer, "2x8x8x8")]
    return found + [Case(preset, *size) for preset in presets for size in PRESETS[preset.stem]]


def probe(program: str, *words) -> None:
    """Runs network_probe; ends the test when that fails."""
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAILED: network_probe {words}: {done.stderr.strip()}")


def make_model(program: str, case: Case, seed: int) -> Path:
    shape = tuple(int(extent) for extent in case.input.split("x"))
    known = read_network(case.file.read_text(), shape).parameters
    parameters = {**case.parameters, **({"dropout": 0} if "dropout" in known else {})}
    model = Path(f"{case.file.stem}_{case.input}.safetensors")
    probe(program, "make", case.file, case.input, seed, model, *(f"{key}={value}" for key, value in parameters.items()))
    return model


def our_result(program: str, what: str, model: Path, batch: int) -> dict[str, np.ndarray]:
    """What `network_probe outputs` or `network_probe gradients` leaves."""
    result = Path(f"{model.stem}_{what}.safetensors")
    probe(program, what, model, batch, result)
    return load_file(result)


def require_every_kind(kinds: set[str]) -> None:
    if kinds != set(READERS):
        sys.exit(f"FAILED: these kinds of layers were not tried: {', '.join(sorted(set(READERS) - kinds))}")
