"""model.safetensors, as `phiscope train` leaves it: the tensors, and in the metadata the network that they belong to."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from .network_file import NetworkFile, read_network


@dataclass
class ModelFile:
    network: NetworkFile
    tensors: dict[str, np.ndarray]
    metadata: dict[str, str]


def read_model(path: Path | str) -> ModelFile:
    """Raises ValueError, naming the file, when it does not say which network its tensors belong to."""
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(f"{path}: {error}") from None
    missing = [key for key in ("network", "network_parameters", "input_shape") if key not in metadata]
    if missing:
        raise ValueError(f"{path}: its metadata have no {', '.join(missing)}; is it a model.safetensors of Phiscope?")
    shape = tuple(json.loads(metadata["input_shape"]))
    try:
        network = read_network(metadata["network"], shape, json.loads(metadata["network_parameters"]))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return ModelFile(network, tensors, metadata)
