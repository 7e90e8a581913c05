"""exchange_torch.py PROBE [MODEL…]: in PyTorch, what tools/to_torch.py makes of our networks gives our outputs and our
gradients. MODELs are files of trained networks, of which the outputs alone are compared."""

import sys
from pathlib import Path

import numpy as np
import torch
from exchanged_networks import Case, cases, make_model, our_result, require_every_kind

import to_torch

OUTPUT_LIMIT = 1e-5
"""Of the largest difference, relative to the largest output."""
GRADIENT_LIMIT = 1e-4
"""Of the relative L2 difference, per tensor."""
ATTEMPTS = 3
"""Where rounding flips the sign of one value before a LeakyReLU, or the largest of a window, gradients differ by far
more. That is rare, and does not happen again with other weights; a mistake does."""


def distance(found: np.ndarray, expected: torch.Tensor) -> float:
    """Relative L2."""
    expected = expected.detach().numpy().reshape(found.shape)
    return float(np.linalg.norm(found - expected) / max(np.linalg.norm(expected), 1e-30))


def output_error(found: np.ndarray, expected: torch.Tensor) -> float:
    """Written so that a NaN on either side is an error."""
    expected = expected.detach().numpy()
    error = np.max(np.abs(found - expected)) / np.max(np.abs(expected))
    return float(error) if np.isfinite(error) else float("inf")


def require_outputs(probe: str, model: Path, batch: int) -> float:
    ours = our_result(probe, "outputs", model, batch)
    with torch.no_grad():
        theirs = to_torch.load(model)(torch.from_numpy(ours["input"]))
    error = output_error(ours["output"], theirs)
    if error > OUTPUT_LIMIT:
        sys.exit(f"FAILED: {model}: outputs differ by {error:.1e} of the largest, the limit is {OUTPUT_LIMIT:.0e}")
    return error


def gradient_errors(probe: str, model: Path, batch: int) -> dict[str, float]:
    """In training mode, PyTorch in double precision."""
    ours = our_result(probe, "gradients", model, batch)
    network = to_torch.load(model).double().train()
    x = torch.from_numpy(ours["input"]).double().requires_grad_()
    output = network(x)
    output.backward(torch.from_numpy(ours["output_gradient"]).double())
    errors = {"output": output_error(ours["output"], output), "input": distance(ours["input_gradient"], x.grad)}
    parameters = dict(network.named_parameters())
    if {f"gradient.{name}" for name in parameters} != {name for name in ours if name.startswith("gradient.")}:
        sys.exit(f"FAILED: {model}: not the same parameters: {sorted(parameters)} and {sorted(ours)}")
    for name, parameter in parameters.items():
        errors[name] = distance(ours[f"gradient.{name}"], parameter.grad)
    return errors


def compare(probe: str, case: Case) -> set[str]:
    """Returns the kinds of layers that were there."""
    for seed in range(1, ATTEMPTS + 1):
        model = make_model(probe, case, seed)
        output = require_outputs(probe, model, case.batch)
        errors = gradient_errors(probe, model, case.batch)
        worst = max(errors, key=errors.get)
        print(f"{case}: outputs {output:.1e}, gradients at most {errors[worst]:.1e} ({worst})", flush=True)
        if errors[worst] <= GRADIENT_LIMIT:
            return {name.rsplit("_", 1)[0] for name, _ in to_torch.load(model).named_children()}
    sys.exit(f"FAILED: {case}: gradients differ by more than {GRADIENT_LIMIT:.0e} in {ATTEMPTS} attempts")


def main() -> None:
    probe, *models = sys.argv[1:]
    torch.set_num_threads(1)
    require_every_kind(set().union(*(compare(probe, case) for case in cases())))
    for model in models:
        print(f"{model}: outputs {require_outputs(probe, Path(model), 4):.1e}")


if __name__ == "__main__":
    main()
