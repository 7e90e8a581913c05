"""Network files (config/networks/*.yaml; the head of o3.yaml says how they are written) as lists of layers."""

from dataclasses import dataclass

import yaml

from .expression import evaluate
from .layer_settings import READERS, LayerNode, Shape

NORMALISATIONS = {"batch_normalisation", "instance_normalisation"}

INPUT = -1
"""Stands for the network's own input where a layer's inputs are listed."""


@dataclass
class Layer:
    """One layer with its repetition unrolled and its numbers evaluated."""

    kind: str
    path: str  # kind and position, as in the names of its tensors
    inputs: list[int]  # positions of the layers that it reads, or INPUT
    input_shapes: list[Shape]
    settings: dict
    output: Shape  # (channels, extents…), without the batch


@dataclass
class NetworkFile:
    name: str
    parameters: dict[str, float]  # as used: defaults and overrides
    input: Shape
    layers: list[Layer]

    def readers(self, position: int) -> list[int]:
        """The positions of the layers that read this one's output."""
        return [i for i, layer in enumerate(self.layers) if position in layer.inputs]


def read_network(text: str, input_shape: Shape, overrides: dict[str, float] | None = None) -> NetworkFile:
    """What `text` describes for samples of `input_shape` (channels, extents…). `overrides` replace defaults of the
    file's parameters. Raises ValueError, naming the layer, on whatever these tools do not know."""
    # BaseLoader leaves every scalar as it is written: expressions are ours to read.
    root = yaml.load(text, Loader=yaml.BaseLoader)
    if not isinstance(root, dict) or not isinstance(root.get("layers"), list):
        raise ValueError("a network file is a map of 'name', 'parameters' and 'layers'")
    return _Reader(root, tuple(input_shape), dict(overrides or {})).network


class _Reader:
    def __init__(self, root: dict, input_shape: Shape, overrides: dict[str, float]):
        names = {"channels": float(input_shape[0]), "size": float(input_shape[min(1, len(input_shape) - 1)])}
        parameters = {}
        for key, text in (root.get("parameters") or {}).items():
            names[key] = parameters[key] = float(overrides[key]) if key in overrides else evaluate(text, names)
        unknown = set(overrides) - set(parameters)
        if unknown:
            raise ValueError(f"the network has no parameter {', '.join(sorted(unknown))}")
        self.network = NetworkFile(root.get("name", ""), parameters, input_shape, [])
        self.labels = {"input": INPUT}
        self._read_list(root["layers"], names)
        self._settle_biases()

    def _read_list(self, items: list, names: dict[str, float]) -> None:
        for item in items:
            if isinstance(item, str):
                self._read_layer(item, {}, names)
            elif "repeat" in item:
                inner = dict(names)
                for index in range(round(evaluate(item["repeat"], names))):
                    if "index" in item:
                        inner[item["index"]] = float(index)
                    self._read_list(item["layers"], inner)
            elif len(item) == 1:
                ((kind, settings),) = item.items()
                self._read_layer(kind, dict(settings or {}), names)
            else:
                raise ValueError(f"a layer is a map of one key, not {item}")

    def _read_layer(self, kind: str, settings: dict, names: dict[str, float]) -> None:
        layers = self.network.layers
        path = f"{kind}_{len(layers)}"
        if kind not in READERS:
            raise ValueError(f"{path}: this kind of layer is not known here")
        label, sources = settings.pop("name", None), settings.pop("from", "previous")
        places = {**self.labels, "previous": len(layers) - 1}
        try:
            inputs = [places[source] for source in ([sources] if isinstance(sources, str) else sources)]
        except KeyError as error:
            raise ValueError(f"{path}: 'from' names {error}, but no layer before has that name") from None
        shapes = [self.network.input if i == INPUT else layers[i].output for i in inputs]
        node = LayerNode(path, settings, names, shapes)
        found, output = READERS[kind](node)
        node.finish()
        layers.append(Layer(kind, path, inputs, shapes, found, output))
        if label is not None:
            self.labels[label] = len(layers) - 1

    def _settle_biases(self) -> None:
        """A bias that is left open is there unless all that read the layer are normalisations, which would cancel it."""
        for position, layer in enumerate(self.network.layers):
            if layer.settings.get("bias") == "auto":
                kinds = {self.network.layers[i].kind for i in self.network.readers(position)}
                layer.settings["bias"] = not kinds or not kinds <= NORMALISATIONS
