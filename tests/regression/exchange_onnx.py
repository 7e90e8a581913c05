"""exchange_onnx.py PROBE [MODEL…]: in onnxruntime, what tools/to_onnx.py makes of our networks gives our outputs."""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
from exchanged_networks import cases, make_model, our_result, require_every_kind

from exchange.model_file import read_model
import to_onnx

LIMIT = 1e-5
"""Of the largest difference, relative to the largest output."""


def require_outputs(probe: str, model: Path, batch: int) -> None:
    ours = our_result(probe, "outputs", model, batch)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    content = to_onnx.to_onnx(model).SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(["output"], {"input": ours["input"]})
    error = float(np.max(np.abs(ours["output"] - theirs)) / np.max(np.abs(theirs)))
    print(f"{model}: {error:.1e}", flush=True)
    if not error <= LIMIT:
        sys.exit(f"FAILED: {model}: outputs differ by {error:.1e} of the largest, the limit is {LIMIT:.0e}")


def main() -> None:
    probe, *models = sys.argv[1:]
    kinds = set()
    for case in cases():
        model = make_model(probe, case, 1)
        require_outputs(probe, model, case.batch)
        kinds |= {layer.kind for layer in read_model(model).network.layers}
    require_every_kind(kinds)
    for model in models:
        require_outputs(probe, Path(model), 4)


if __name__ == "__main__":
    main()
