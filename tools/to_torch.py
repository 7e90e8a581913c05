#!/usr/bin/env python3
"""Carries a trained network to PyTorch.

As a module:   network = to_torch.load("runs/mine/model.safetensors")   # a torch.nn.Module in evaluation mode
As a command:  tools/to_torch.py runs/mine/model.safetensors -o model.pt2
               torch.export.load("model.pt2").module()                  # needs nothing of ours any more

The module takes what Phiscope's network takes, samples with the normalisation in the file's metadata already done
(`network.metadata["normalisation"]`), and returns the same outputs (logits). Needs torch, numpy, pyyaml, safetensors.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parent))
from exchange.model_file import read_model  # noqa: E402
from exchange.network_file import INPUT, Layer, NetworkFile  # noqa: E402


class ScaledTanh(nn.Module):
    def __init__(self, scale: float):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        return self.scale * torch.tanh(x)


class Add(nn.Module):
    def forward(self, *inputs):
        return sum(inputs[1:], inputs[0])


class Concatenate(nn.Module):
    def forward(self, *inputs):
        return torch.cat(inputs, dim=1)


class Upsampling(nn.Module):
    """By whole factors; beyond the edge lies the opposite side of a periodic field, or the edge's own value."""

    def __init__(self, rank: int, factor: tuple[int, ...], mode: str, circular: bool):
        super().__init__()
        self.factor, self.rank = factor, rank
        self.circular = circular and mode == "linear"
        linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank]
        self.mode = {"mode": "nearest"} if mode == "nearest" else {"mode": linear, "align_corners": False}

    def forward(self, x):
        if self.circular:
            x = functional.pad(x, (1, 1) * self.rank, mode="circular")
        x = functional.interpolate(x, scale_factor=[float(f) for f in self.factor], **self.mode)
        if self.circular:
            x = x[(..., *(slice(f, -f) for f in self.factor))]
        return x


class Network(nn.Module):
    """The layers under their names in the file (`convolution_3`), run in its order. A skipped-to output is kept as
    long as someone is still to read it."""

    def __init__(self, network: NetworkFile, inplace: bool = False, metadata: dict[str, str] | None = None):
        super().__init__()
        self.metadata = metadata or {}
        self.steps = [(layer.path, layer.inputs) for layer in network.layers]
        self.last_reader = {i: position for position, layer in enumerate(network.layers) for i in layer.inputs}
        for layer in network.layers:
            self.add_module(layer.path, make_module(layer, inplace and may_overwrite(network, layer)))

    def forward(self, x):
        values = {INPUT: x}
        for position, (path, inputs) in enumerate(self.steps):
            values[position] = getattr(self, path)(*(values[i] for i in inputs))
            for i in set(inputs):
                if self.last_reader[i] == position:
                    del values[i]
        return values[len(self.steps) - 1].flatten(1)


NEED_NO_OUTPUT = set(
    "convolution transposed_convolution batch_normalisation dense max_pooling average_pooling add".split()
)
"""Layers whose backward pass does not look at what they put out."""


def may_overwrite(network: NetworkFile, layer: Layer) -> bool:
    """Whether an activation may work in place: nobody else reads its input, and whoever made that does not need it."""
    source = layer.inputs[0]
    if source == INPUT or len(network.readers(source)) > 1:
        return False
    return network.layers[source].kind in NEED_NO_OUTPUT


def make_module(layer: Layer, inplace: bool = False) -> nn.Module:
    """The layer in PyTorch, its weights left to chance."""
    settings, rank = layer.settings, len(layer.input_shapes[0]) - 1
    channels = layer.input_shapes[0][0]

    def of_rank(name: str) -> type:
        return getattr(nn, f"{name}{max(rank, 1)}d")

    def pooling(name: str) -> nn.Module:
        return of_rank(name)(settings["kernel"], settings["stride"], settings["padding"])

    def convolution() -> nn.Module:
        return of_rank("Conv")(
            channels,
            settings["channels"],
            settings["kernel"],
            stride=settings["stride"],
            padding=settings["padding"],
            padding_mode="circular" if settings["circular"] else "zeros",
            bias=settings["bias"],
        )

    def transposed_convolution() -> nn.Module:
        return of_rank("ConvTranspose")(
            channels,
            settings["channels"],
            settings["kernel"],
            stride=settings["stride"],
            padding=settings["padding"],
            output_padding=settings["output_padding"],
            bias=settings["bias"],
        )

    makers = {
        "convolution": convolution,
        "transposed_convolution": transposed_convolution,
        "batch_normalisation": lambda: of_rank("BatchNorm")(channels, eps=settings["epsilon"]),
        "instance_normalisation": lambda: of_rank("InstanceNorm")(
            channels, eps=settings["epsilon"], affine=settings["affine"]
        ),
        "relu": lambda: nn.ReLU(inplace),
        "leaky_relu": lambda: nn.LeakyReLU(settings["slope"], inplace),
        "prelu": lambda: nn.PReLU(channels if settings["per_channel"] else 1),
        "elu": lambda: nn.ELU(inplace=inplace),
        "selu": lambda: nn.SELU(),
        "gelu": lambda: nn.GELU(),
        "sigmoid": lambda: nn.Sigmoid(),
        "tanh": lambda: ScaledTanh(settings["scale"]),
        "softmax": lambda: nn.Softmax(dim=1),
        "max_pooling": lambda: pooling("MaxPool"),
        "average_pooling": lambda: pooling("AvgPool"),
        "global_max_pooling": lambda: nn.Sequential(of_rank("AdaptiveMaxPool")(1), nn.Flatten()),
        "global_average_pooling": lambda: nn.Sequential(of_rank("AdaptiveAvgPool")(1), nn.Flatten()),
        "upsampling": lambda: Upsampling(rank, **settings),
        "dropout": lambda: nn.Dropout(settings["probability"]),
        "dense": lambda: nn.Linear(channels, settings["values"], bias=settings["bias"]),
        "flatten": lambda: nn.Flatten(),
        "add": lambda: Add(),
        "concatenate": lambda: Concatenate(),
    }
    return makers[layer.kind]()


def load(path: Path | str) -> Network:
    """The network of a model.safetensors with its weights, in evaluation mode. Raises ValueError, naming the tensor,
    where the file's tensors and its network do not belong together."""
    model = read_model(path)
    network = Network(model.network, metadata=model.metadata)
    load_tensors(network, model.tensors)
    return network.eval()


def load_tensors(network: Network, tensors: dict) -> None:
    places = {name: place for name, place in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    if places.keys() != tensors.keys():
        raise ValueError(f"tensors missing or left over: {', '.join(sorted(places.keys() ^ tensors.keys()))}")
    with torch.no_grad():
        for name, place in places.items():
            found = torch.from_numpy(tensors[name])
            if found.shape != place.shape:
                raise ValueError(f"{name} is {tuple(found.shape)}, but the network has {tuple(place.shape)}")
            place.copy_(found)


def export(network: Network, output: Path) -> None:
    """Writes the network in evaluation mode, for any number of samples."""
    shape = json.loads(network.metadata["input_shape"])
    if not hasattr(torch, "export"):
        raise ValueError(f"{output}: PyTorch {torch.__version__} has no torch.export, expected version 2.1 or newer; "
                         "without -o the module is printed, and to_torch.load() gives it to programs")
    batch = torch.export.Dim("batch", min=1)
    program = torch.export.export(network, (torch.zeros(2, *shape),), dynamic_shapes=({0: batch},))
    torch.export.save(program, str(output))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model.safetensors")
    parser.add_argument("-o", "--output", type=Path, help="an exported program, for torch.export.load")
    arguments = parser.parse_args()
    try:
        network = load(arguments.model)
        print(network)
        print(f"{sum(parameter.numel() for parameter in network.parameters())} parameters")
        if arguments.output is not None:
            export(network, arguments.output)
    except (OSError, ValueError) as error:
        print(f"to_torch.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
