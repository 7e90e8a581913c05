#!/usr/bin/env python3
"""Writes the report of a study: report.py RUN_DIR makes RUN_DIR/report.html and RUN_DIR/figures/."""

import argparse
import importlib.util
import os
import shutil
import sys
from pathlib import Path

NEEDED = ("numpy", "h5py", "matplotlib")


def use_interpreter_with_packages() -> None:
    """Starts over with an interpreter that has numpy, h5py and matplotlib when this one lacks them.

    Tried in this order: $PHISCOPE_PYTHON, Debian's own /usr/bin/python3 (whose packages another python3 on the PATH
    does not see), the checkout's .venv. Ends the program when none will do.
    """
    if all(importlib.util.find_spec(name) for name in NEEDED):
        return
    # Handed on through the environment, or two interpreters without the packages would call each other for ever.
    tried = os.environ.get("PHISCOPE_REPORT_TRIED", "").split(os.pathsep)
    venv = str(Path(__file__).resolve().parent.parent / ".venv/bin/python")
    for candidate in (os.environ.get("PHISCOPE_PYTHON"), "/usr/bin/python3", venv, shutil.which("python3")):
        if candidate and candidate not in tried and os.access(candidate, os.X_OK):
            os.environ["PHISCOPE_REPORT_TRIED"] = os.pathsep.join([*tried, candidate])
            os.execv(candidate, [candidate, *sys.argv])
    sys.exit(
        "report.py: the report needs the Python packages numpy, h5py and matplotlib. On Debian and Ubuntu:\n"
        "  apt-get install python3-numpy python3-h5py python3-matplotlib\n"
        "elsewhere `pip install -r tools/requirements.txt`, and name the interpreter in PHISCOPE_PYTHON."
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Writes RUN_DIR/report.html and RUN_DIR/figures/ from what a study left there. "
        "A section whose file is missing says so."
    )
    parser.add_argument("run_directory", metavar="RUN_DIR", type=Path)
    arguments = parser.parse_args()
    use_interpreter_with_packages()
    # Reading needs no lock, and some cluster file systems refuse one.
    os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
    from plots.report_page import build_report

    try:
        print(build_report(arguments.run_directory))
    except OSError as error:
        print(f"report.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
