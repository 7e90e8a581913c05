#!/usr/bin/env python3
"""Shows the training of a study in TensorBoard: tools/tensorboard_export.py runs/mine && tensorboard --logdir runs/mine

Writes RUN/tensorboard/train and RUN/tensorboard/validation from RUN/metrics.jsonl: every number of a line as a curve
over the epochs. May be called again while the training goes on. Needs the package tensorboard, no TensorFlow.
"""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

SUFFIX = ".phiscope"


def read_lines(file: Path) -> list[dict]:
    """Raises ValueError, naming the line, on what is not a line of metrics."""
    lines = []
    for number, text in enumerate(file.read_text().splitlines(), start=1):
        try:
            line = json.loads(text)
            lines.append({**line, "epoch": int(line["epoch"]), "split": str(line["split"])})
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"{file}:{number}: not a line of metrics, with 'epoch' and 'split': {text[:80]}") from None
    if not lines:
        raise ValueError(f"{file}: is empty; no epoch is over yet")
    return lines


def event(line: dict) -> Event:
    curves = {key: value for key, value in line.items() if key != "epoch" and type(value) in (int, float)}
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in curves.items()]
    written = datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp() if "time" in line else 0.0
    return Event(step=line["epoch"], wall_time=written, summary=Summary(value=values))


def export(run: Path, output: Path) -> int:
    """Returns how many lines were written. Event files of an earlier export are replaced."""
    lines = read_lines(run / "metrics.jsonl")
    for split in dict.fromkeys(line["split"] for line in lines):
        folder = output / split
        for old in folder.glob(f"events.out.tfevents.*{SUFFIX}"):
            old.unlink()
        writer = EventFileWriter(str(folder), filename_suffix=SUFFIX)
        for line in lines:
            if line["split"] == split:
                writer.add_event(event(line))
        writer.close()
    return len(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run directory")
    parser.add_argument("-o", "--output", type=Path, help="where the event files go (default: RUN/tensorboard)")
    arguments = parser.parse_args()
    output = arguments.output or arguments.run / "tensorboard"
    try:
        count = export(arguments.run, output)
    except (OSError, ValueError) as error:
        print(f"tensorboard_export.py: {error}", file=sys.stderr)
        return 1
    print(f"{count} lines of metrics are in {output}; to look at them: tensorboard --logdir {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
