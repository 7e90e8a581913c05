#!/usr/bin/env python3
"""Carries a trained network to ONNX: tools/to_onnx.py runs/mine/model.safetensors -o model.onnx

The model takes `input`, batch × channels × extents, with the normalisation of the metadata already done, and returns
`output`, what Phiscope's network does in inference. Needs onnx, numpy, pyyaml, safetensors; no PyTorch.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parent))
from exchange.model_file import ModelFile, read_model  # noqa: E402
from exchange.network_file import INPUT, Layer  # noqa: E402

OPSET = 20
"""Pad in mode `wrap` is there from 19 on, Gelu from 20 on."""


class GraphWriter:
    """Collects the nodes and constants of an ONNX graph while the layers are gone through."""

    def __init__(self, model: ModelFile):
        self.model = model
        self.nodes, self.constants = [], []

    def write(self) -> onnx.ModelProto:
        network = self.model.network
        outputs = {INPUT: "input"}
        for position, layer in enumerate(network.layers):
            outputs[position] = self.layer(layer, [outputs[i] for i in layer.inputs])
        self.nodes.append(helper.make_node("Flatten", [outputs[len(network.layers) - 1]], ["output"], axis=1))
        values = math.prod(network.layers[-1].output)
        graph = helper.make_graph(
            self.nodes,
            network.name or "network",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", *network.input])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", values])],
            self.constants,
        )
        opset = helper.make_opsetid("", OPSET)
        result = helper.make_model(graph, producer_name="phiscope", opset_imports=[opset])
        result.ir_version = helper.find_min_ir_version_for([opset])
        helper.set_model_props(result, self.model.metadata)
        onnx.checker.check_model(result, full_check=True)
        return result

    def layer(self, layer: Layer, inputs: list[str]) -> str:
        """Appends what a layer does and returns the name of its output."""
        return getattr(self, layer.kind)(layer, inputs)

    def node(self, kind: str, layer: Layer, inputs: list[str], step: str = "", **attributes) -> str:
        name = layer.path + step
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, values: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def tensor(self, layer: Layer, name: str) -> str:
        """A tensor of the model under its own name."""
        return self.constant(f"{layer.path}.{name}", self.model.tensors[f"{layer.path}.{name}"])

    def tensors(self, layer: Layer) -> list[str]:
        return [self.tensor(layer, name) for name in (["weight", "bias"] if layer.settings["bias"] else ["weight"])]

    def whole_numbers(self, layer: Layer, name: str, values: list[int]) -> str:
        return self.constant(f"{layer.path}.{name}", np.array(values, np.int64))

    def wrapped(self, layer: Layer, source: str, padding: tuple[int, ...]) -> str:
        """The opposite side of a periodic field around it."""
        pads = self.whole_numbers(layer, "pads", [0, 0, *padding] * 2)
        return self.node("Pad", layer, [source, pads], ".wrapped", mode="wrap")

    # One method per kind of layer.

    def convolution(self, layer: Layer, inputs: list[str]) -> str:
        settings, padding = layer.settings, layer.settings["padding"]
        (source,) = inputs
        if settings["circular"] and any(padding):
            source, padding = self.wrapped(layer, source, padding), [0] * len(padding)
        attributes = {"kernel_shape": settings["kernel"], "strides": settings["stride"], "pads": [*padding, *padding]}
        return self.node("Conv", layer, [source, *self.tensors(layer)], **attributes)

    def transposed_convolution(self, layer: Layer, inputs: list[str]) -> str:
        settings = layer.settings
        return self.node(
            "ConvTranspose",
            layer,
            [*inputs, *self.tensors(layer)],
            kernel_shape=settings["kernel"],
            strides=settings["stride"],
            pads=[*settings["padding"], *settings["padding"]],
            output_padding=settings["output_padding"],
        )

    def batch_normalisation(self, layer: Layer, inputs: list[str]) -> str:
        tensors = [self.tensor(layer, name) for name in ("weight", "bias", "running_mean", "running_var")]
        return self.node("BatchNormalization", layer, [*inputs, *tensors], epsilon=layer.settings["epsilon"])

    def instance_normalisation(self, layer: Layer, inputs: list[str]) -> str:
        if layer.settings["affine"]:
            tensors = [self.tensor(layer, name) for name in ("weight", "bias")]
        else:
            channels = layer.output[0]
            tensors = [
                self.constant(f"{layer.path}.weight", np.ones(channels, np.float32)),
                self.constant(f"{layer.path}.bias", np.zeros(channels, np.float32)),
            ]
        return self.node("InstanceNormalization", layer, [*inputs, *tensors], epsilon=layer.settings["epsilon"])

    def relu(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Relu", layer, inputs)

    def leaky_relu(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("LeakyRelu", layer, inputs, alpha=layer.settings["slope"])

    def prelu(self, layer: Layer, inputs: list[str]) -> str:
        slope = self.model.tensors[f"{layer.path}.weight"]
        shape = (-1, *(1,) * (len(layer.output) - 1))
        return self.node("PRelu", layer, [*inputs, self.constant(f"{layer.path}.weight", slope.reshape(shape))])

    def elu(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Elu", layer, inputs, alpha=1.0)

    def selu(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Selu", layer, inputs)

    def gelu(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Gelu", layer, inputs, approximate="none")

    def sigmoid(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Sigmoid", layer, inputs)

    def tanh(self, layer: Layer, inputs: list[str]) -> str:
        values = self.node("Tanh", layer, inputs, ".unscaled")
        scale = self.constant(f"{layer.path}.scale", np.array(layer.settings["scale"], np.float32))
        return self.node("Mul", layer, [values, scale])

    def softmax(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Softmax", layer, inputs, axis=1)

    def max_pooling(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("MaxPool", layer, inputs, **self.window(layer))

    def average_pooling(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("AveragePool", layer, inputs, count_include_pad=1, **self.window(layer))

    @staticmethod
    def window(layer: Layer) -> dict:
        settings = layer.settings
        pads = [*settings["padding"], *settings["padding"]]
        return {"kernel_shape": settings["kernel"], "strides": settings["stride"], "pads": pads}

    def global_max_pooling(self, layer: Layer, inputs: list[str]) -> str:
        return self.flatten(layer, [self.node("GlobalMaxPool", layer, inputs, ".points")])

    def global_average_pooling(self, layer: Layer, inputs: list[str]) -> str:
        return self.flatten(layer, [self.node("GlobalAveragePool", layer, inputs, ".points")])

    def upsampling(self, layer: Layer, inputs: list[str]) -> str:
        settings, (source,) = layer.settings, inputs
        factor = settings["factor"]
        scales = self.constant(f"{layer.path}.scales", np.array([1, 1, *factor], np.float32))
        if settings["mode"] == "nearest":
            attributes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            return self.node("Resize", layer, [source, "", scales], mode="nearest", **attributes)
        attributes = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        if not settings["circular"]:
            return self.node("Resize", layer, [source, "", scales], **attributes)
        wider = self.wrapped(layer, source, (1,) * len(factor))
        finer = self.node("Resize", layer, [wider, "", scales], ".finer", **attributes)
        bounds = {
            "starts": factor,
            "ends": [f + n for f, n in zip(factor, layer.output[1:])],
            "axes": range(2, 2 + len(factor)),
        }
        return self.node("Slice", layer, [finer, *(self.whole_numbers(layer, *item) for item in bounds.items())])

    def dropout(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Identity", layer, inputs)

    def dense(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Gemm", layer, [*inputs, *self.tensors(layer)], transB=1)

    def flatten(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Flatten", layer, inputs, axis=1)

    def add(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Sum", layer, inputs)

    def concatenate(self, layer: Layer, inputs: list[str]) -> str:
        return self.node("Concat", layer, inputs, axis=1)


def to_onnx(path: Path | str) -> onnx.ModelProto:
    """The network of a model.safetensors with its weights. Raises ValueError, naming the file or the tensor."""
    model = read_model(path)
    try:
        return GraphWriter(model).write()
    except KeyError as error:
        raise ValueError(f"{path}: the tensor {error} is missing") from None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model.safetensors")
    parser.add_argument("-o", "--output", type=Path, help="default: beside it, model.onnx")
    arguments = parser.parse_args()
    output = arguments.output or arguments.model.with_suffix(".onnx")
    try:
        onnx.save(to_onnx(arguments.model), str(output))
    except (OSError, ValueError) as error:
        print(f"to_onnx.py: {error}", file=sys.stderr)
        return 1
    print(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
