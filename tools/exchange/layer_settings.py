"""The settings of each kind of layer, and the shape that comes out of it: (channels, extents…)."""

import math

from .expression import evaluate

Shape = tuple[int, ...]


class LayerNode:
    """The settings of one layer as its file gives them. Whatever is not asked for is an error at the end."""

    def __init__(self, path: str, settings: dict, names: dict[str, float], inputs: list[Shape]):
        self.path, self.settings, self.names, self.inputs = path, settings, names, inputs

    def refuse(self, what: str):
        raise ValueError(f"{self.path}: {what}")

    @property
    def input(self) -> Shape:
        if len(self.inputs) != 1:
            self.refuse(f"takes one input, but reads {len(self.inputs)}")
        return self.inputs[0]

    def number(self, key: str, otherwise: float | None = None) -> float:
        if key not in self.settings and otherwise is not None:
            return otherwise
        return self._evaluate(key, self._take(key))

    def whole(self, key: str, otherwise: int | None = None) -> int:
        return round(self.number(key, otherwise))

    def wholes(self, key: str, otherwise: int | tuple[int, ...] | None = None) -> tuple[int, ...]:
        """One whole number per extent: a list, or one number for all."""
        rank = len(self.input) - 1
        if key not in self.settings and otherwise is not None:
            return (otherwise,) * rank if isinstance(otherwise, int) else otherwise
        given = self._take(key)
        values = given if isinstance(given, list) else [given] * rank
        if len(values) != rank:
            self.refuse(f"'{key}' lists {len(values)} numbers, but its input has {rank} extents")
        return tuple(round(self._evaluate(key, value)) for value in values)

    def choice(self, key: str, *choices: str) -> str:
        """The first where the key is absent."""
        value = self.settings.pop(key, choices[0])
        if value not in choices:
            self.refuse(f"'{key}' is '{value}', but must be one of {', '.join(choices)}")
        return value

    def flag(self, key: str, otherwise: bool) -> bool:
        return self.choice(key, *(("true", "false") if otherwise else ("false", "true"))) == "true"

    def bias(self) -> bool | str:
        """Whether there is one, or "auto": to be settled when the layers after this one are known."""
        return {"auto": "auto", "true": True, "false": False}[self.choice("bias", "auto", "true", "false")]

    def finish(self) -> None:
        if self.settings:
            self.refuse(f"unknown here: {', '.join(self.settings)}")

    def _take(self, key: str):
        if key not in self.settings:
            self.refuse(f"the setting '{key}' is missing")
        return self.settings.pop(key)

    def _evaluate(self, key: str, text: str) -> float:
        try:
            return evaluate(text, self.names)
        except ValueError as error:
            self.refuse(f"'{key}': {error}")


def _window(node: LayerNode, kernel, stride, padding) -> tuple[int, ...]:
    """Extents after a window went over the padded input."""
    extents = zip(node.input[1:], kernel, stride, padding)
    result = tuple((extent + 2 * pad - width) // step + 1 for extent, width, step, pad in extents)
    if min(result) < 1:
        node.refuse(f"its input of {node.input} is smaller than the kernel {kernel}")
    return result


def _convolution(node: LayerNode):
    settings = {
        "channels": node.whole("channels"),
        "kernel": node.wholes("kernel"),
        "stride": node.wholes("stride", 1),
        "padding": node.wholes("padding", 0),
        "circular": node.choice("padding_mode", "zeros", "circular") == "circular",
        "bias": node.bias(),
    }
    extents = _window(node, settings["kernel"], settings["stride"], settings["padding"])
    return settings, (settings["channels"], *extents)


def _transposed_convolution(node: LayerNode):
    settings = {
        "channels": node.whole("channels"),
        "kernel": node.wholes("kernel"),
        "stride": node.wholes("stride", 1),
        "padding": node.wholes("padding", 0),
        "output_padding": node.wholes("output_padding", 0),
        "bias": node.bias(),
    }
    sizes = zip(node.input[1:], *(settings[key] for key in ("kernel", "stride", "padding", "output_padding")))
    extents = [(extent - 1) * step - 2 * pad + width + more for extent, width, step, pad, more in sizes]
    return settings, (settings["channels"], *extents)


def _pooling(node: LayerNode):
    settings = {"kernel": node.wholes("kernel")}
    settings["stride"] = node.wholes("stride", settings["kernel"])
    settings["padding"] = node.wholes("padding", 0)
    return settings, (node.input[0], *_window(node, settings["kernel"], settings["stride"], settings["padding"]))


def _global_pooling(node: LayerNode):
    return {}, (node.input[0],)


def _upsampling(node: LayerNode):
    settings = {
        "factor": node.wholes("factor"),
        "mode": node.choice("mode", "nearest", "linear"),
        "circular": node.choice("padding_mode", "edge", "circular") == "circular",
    }
    return settings, (node.input[0], *(n * f for n, f in zip(node.input[1:], settings["factor"])))


def _dense(node: LayerNode):
    settings = {"values": node.whole("values"), "bias": node.bias()}
    return settings, (settings["values"],)


def _flatten(node: LayerNode):
    return {}, (math.prod(node.input),)


def _add(node: LayerNode):
    return {}, node.inputs[0]


def _concatenate(node: LayerNode):
    return {}, (sum(shape[0] for shape in node.inputs), *node.inputs[0][1:])


def _unchanged(read_settings):
    """A layer whose output has the shape of its input."""
    return lambda node: (read_settings(node), node.input)


READERS = {
    "convolution": _convolution,
    "transposed_convolution": _transposed_convolution,
    "batch_normalisation": _unchanged(lambda node: {"epsilon": node.number("epsilon", 1e-5)}),
    "instance_normalisation": _unchanged(
        lambda node: {"epsilon": node.number("epsilon", 1e-5), "affine": node.flag("affine", True)}
    ),
    "relu": _unchanged(lambda node: {}),
    "leaky_relu": _unchanged(lambda node: {"slope": node.number("slope")}),
    "prelu": _unchanged(lambda node: {"per_channel": node.flag("per_channel", False)}),
    "elu": _unchanged(lambda node: {}),
    "selu": _unchanged(lambda node: {}),
    "gelu": _unchanged(lambda node: {}),
    "sigmoid": _unchanged(lambda node: {}),
    "tanh": _unchanged(lambda node: {"scale": node.number("scale", 1.0)}),
    "softmax": _unchanged(lambda node: {}),
    "max_pooling": _pooling,
    "average_pooling": _pooling,
    "global_max_pooling": _global_pooling,
    "global_average_pooling": _global_pooling,
    "upsampling": _upsampling,
    "dropout": _unchanged(lambda node: {"probability": node.number("probability")}),
    "dense": _dense,
    "flatten": _flatten,
    "add": _add,
    "concatenate": _concatenate,
}
