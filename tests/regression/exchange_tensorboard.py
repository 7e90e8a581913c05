"""exchange_tensorboard.py RUN: TensorBoard reads back what tools/tensorboard_export.py wrote of RUN/metrics.jsonl."""

import json
import math
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main() -> None:
    run = Path(sys.argv[1])
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    splits = {line["split"] for line in lines}
    if splits != {"train", "validation"}:
        sys.exit(f"FAILED: the metrics are of {splits}")
    for split in splits:
        events = EventAccumulator(str(run / "tensorboard" / split))
        events.Reload()
        expected = [line for line in lines if line["split"] == split]
        for curve in ("loss", "accuracy", "samples_per_second"):
            found = [(point.step, point.value) for point in events.Scalars(curve)]
            wanted = [(line["epoch"], line[curve]) for line in expected]
            same = [a[0] == b[0] and math.isclose(a[1], b[1], rel_tol=1e-6) for a, b in zip(found, wanted)]
            if len(found) != len(wanted) or not all(same):
                sys.exit(f"FAILED: {curve} of {split} is {found} in TensorBoard and {wanted} in metrics.jsonl")


if __name__ == "__main__":
    main()
