"""What a study leaves in its run directory, read lazily and with a clear word for what is not there."""

import json
import zlib
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np

from .study_file import parse_study, setting

# The stage that writes a file; None for what every stage writes.
STAGE_OF_FILE = {
    "statistics.h5": "measure",
    "metrics.jsonl": "train",
    "evaluation.json": "evaluate",
    "evaluation.h5": "evaluate",
    "explanation.h5": "explain",
    "study.yaml": None,
    "provenance.json": None,
}


class Missing(Exception):
    """Something that a section of the report needs is not in the run directory. The message is for the reader."""


class RunDirectory:
    """One run directory. Every accessor raises Missing when its file or dataset is not there or cannot be read."""

    def __init__(self, path: Path):
        if not path.is_dir():
            raise NotADirectoryError(f"{path} is not a directory; the report needs the run directory of a study")
        if not any((path / name).exists() for name in STAGE_OF_FILE):
            raise FileNotFoundError(
                f"{path} is not the run directory of a study: it holds none of " + ", ".join(STAGE_OF_FILE)
            )
        self.path = path
        self._open_files = {}

    def close(self) -> None:
        for file in self._open_files.values():
            file.close()
        self._open_files.clear()

    def text(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            raise Missing(_not_there(name)) from None
        except OSError as error:
            raise Missing(f"{name} cannot be read: {error}.") from None

    def json(self, name: str) -> dict:
        try:
            content = json.loads(self.text(name))
        except json.JSONDecodeError as error:
            raise Missing(f"{name} is not valid JSON: {error}.") from None
        if not isinstance(content, dict):
            raise Missing(f"{name} holds no JSON object.")
        return content

    def hdf5(self, name: str) -> h5py.File:
        if name not in self._open_files:
            if not (self.path / name).exists():
                raise Missing(_not_there(name))
            if not ends_with_its_checksum(self.path / name):
                raise Missing(f"{name} is damaged: it does not end with its checksum. {_run_again(name)}")
            try:
                self._open_files[name] = h5py.File(self.path / name, "r")
            except OSError as error:
                raise Missing(f"{name} cannot be read: {error}.") from None
        return self._open_files[name]

    def has(self, name: str, dataset: str) -> bool:
        return dataset in self.hdf5(name)

    def attribute(self, name: str, attribute: str) -> str:
        """A text of the file itself; empty when it has none of this name."""
        value = self.hdf5(name).attrs.get(attribute, "")
        # Names of files in it need not be UTF-8.
        return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def dataset(self, name: str, dataset: str) -> np.ndarray:
        """A whole dataset; strings come as str."""
        file = self.hdf5(name)
        if dataset not in file or not isinstance(file[dataset], h5py.Dataset):
            raise Missing(f"{name} holds no dataset /{dataset}.")
        found = file[dataset]
        try:
            if h5py.check_string_dtype(found.dtype) is not None:
                return np.asarray(found.asstr(errors="replace")[...], dtype=object)
            return found[...]
        except OSError as error:
            raise Missing(f"{name}, dataset /{dataset}, cannot be read: {error}.") from None

    @cached_property
    def settings(self) -> dict:
        """study.yaml as nested dictionaries; empty when it is not there or cannot be understood."""
        try:
            return parse_study(self.text("study.yaml"))
        except (Missing, ValueError):
            return {}

    @cached_property
    def name(self) -> str:
        return str(setting(self.settings, "name") or self.path.resolve().name)

    def redshift_labels(self) -> list:
        """`z = 9.995 (nominal 10)` for every redshift of statistics.h5."""
        nominal = self.dataset("statistics.h5", "catalogue/redshift")
        if not self.has("statistics.h5", "catalogue/real_redshift"):
            return [f"z = {value:g}" for value in nominal]
        real = np.nanmean(self.dataset("statistics.h5", "catalogue/real_redshift"), axis=(0, 1))
        return [
            f"z = {value:g}" if abs(value - shown) < 5e-4 else f"z = {shown:.3f} (nominal {value:g})"
            for value, shown in zip(nominal, real)
        ]

    def gravities(self) -> list:
        return [str(gravity) for gravity in self.dataset("statistics.h5", "catalogue/gravity")]

    def scores(self) -> dict:
        """evaluation.json as {split: {kind: scores}}; a file without splits speaks of the test split."""
        evaluation = self.json("evaluation.json")
        return {"test": evaluation} if "slice" in evaluation or "cube" in evaluation else evaluation


def ends_with_its_checksum(file: Path) -> bool:
    """Whether a result ends with the line `phiscope crc32 0123abcd` of the bytes before it."""
    length = len(b"phiscope crc32 01234567\n")
    checksum, left = 0, file.stat().st_size - length
    with open(file, "rb") as stream:
        while left > 0:
            block = stream.read(min(left, 1 << 20))
            if not block:
                return False
            checksum = zlib.crc32(block, checksum)
            left -= len(block)
        return stream.read() == b"phiscope crc32 %08x\n" % checksum


def _run_again(name: str) -> str:
    return f"`phiscope {STAGE_OF_FILE[name]}` makes it anew."


def _not_there(name: str) -> str:
    stage = STAGE_OF_FILE[name]
    why = f"the stage “{stage}” has not been run" if stage else "every stage writes it"
    return f"{name} is not there: {why}."
