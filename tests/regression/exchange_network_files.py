"""The tools read network files as Phiscope does, and name what they do not know."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from exchange.expression import evaluate  # noqa: E402
from exchange.network_file import read_network  # noqa: E402

VALUES = {
    "2^3^2": 512.0,
    "-2^2": -4.0,
    "2^-1": 0.5,
    "2*hidden*2^(block+1)": 64.0,
    "log2(size) - 3": 2.0,
    " 1e-5 ": 1e-5,
    "7/2/2": 1.75,
    "3 - 2 - 1": 0.0,
}
INVALID = ["hidden +", "depth", "1/0", "log2(0)", "__import__('os')", "hidden.real", "2**3", "7//2", "1 if 1 else 2"]
NETWORKS = {
    "{layers: [{convolutoin: {channels: 1}}]}": "convolutoin_0: this kind of layer is not known",
    "{layers: [{convolution: {channels: 1, kernel: 3, dilation: 2}}]}": "convolution_0: unknown here: dilation",
    "{layers: [{convolution: {kernel: 3}}]}": "convolution_0: the setting 'channels' is missing",
    "{layers: [{convolution: {channels: 1, kernel: [3, 3, 3]}}]}": "lists 3 numbers, but its input has 2 extents",
    "{layers: [{convolution: {channels: 1, kernel: 9}}]}": "smaller than the kernel",
    "{layers: [{add: {from: [input, trunk]}}]}": "add_0: 'from' names 'trunk'",
    "{layers: [{max_pooling: {kernel: deep}}]}": "max_pooling_0: 'kernel': the expression 'deep' is not valid",
    "[]": "a network file is a map",
}


def message(work) -> str:
    try:
        return f"no error but {work()}"
    except ValueError as error:
        return str(error)


def main() -> None:
    names = {"hidden": 8.0, "block": 1.0, "size": 32.0}
    for text, expected in VALUES.items():
        if evaluate(text, names) != expected:
            sys.exit(f"FAILED: {text} is {evaluate(text, names)}, expected {expected}")
    for text in INVALID:
        if "is not valid" not in message(lambda: evaluate(text, names)):
            sys.exit(f"FAILED: '{text}' gave {message(lambda: evaluate(text, names))}")
    for text, expected in NETWORKS.items():
        found = message(lambda: read_network(text, (1, 8, 8)))
        if expected not in found:
            sys.exit(f"FAILED: {text} gave '{found}', expected '{expected}'")
    if "no parameter width" not in message(lambda: read_network("{layers: [flatten]}", (1, 8, 8), {"width": 1})):
        sys.exit("FAILED: an unknown parameter is taken")


if __name__ == "__main__":
    main()
