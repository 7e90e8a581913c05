#!/usr/bin/env python3
"""Writes the report of a study: report.py RUN_DIR makes RUN_DIR/report.html and RUN_DIR/figures/."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROBE = "import numpy, h5py, matplotlib"
CHOSEN = "PHISCOPE_REPORT_INTERPRETER"


def has_packages(interpreter: str) -> bool:
    """Whether the packages can be imported there, which a broken or half-installed one cannot."""
    if interpreter == sys.executable:
        try:
            exec(PROBE, {})
        except Exception:
            return False
        return True
    try:
        return subprocess.run([interpreter, "-c", PROBE], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def use_interpreter_with_packages() -> None:
    """Goes on in the first interpreter that has numpy, h5py and matplotlib; ends the program when none has.

    Tried in this order: $PHISCOPE_PYTHON, this one, Debian's own /usr/bin/python3 (whose packages another python3 on
    the PATH does not see), the checkout's .venv.
    """
    if CHOSEN in os.environ:
        return  # by ourselves, one exec ago: wrappers such as pyenv's hide that it is the same interpreter
    wanted = os.environ.get("PHISCOPE_PYTHON")
    venv = str(Path(__file__).resolve().parent.parent / ".venv/bin/python")
    for name in filter(None, (wanted, sys.executable, "/usr/bin/python3", venv)):
        interpreter = shutil.which(name)
        if interpreter is not None and has_packages(interpreter):
            if interpreter != sys.executable:
                sys.stdout.flush()
                sys.stderr.flush()
                os.execve(interpreter, [interpreter, *sys.argv], {**os.environ, CHOSEN: interpreter})
            return
        if name == wanted:
            why = "cannot be started" if interpreter is None else "lacks numpy, h5py or matplotlib"
            print(f"report.py: PHISCOPE_PYTHON={wanted} {why}; looking for another", file=sys.stderr)
    sys.exit(
        "report.py: no Python here has numpy, h5py and matplotlib: install Debian's python3-numpy python3-h5py "
        "python3-matplotlib, or what tools/requirements.txt lists with pip, or name a Python that has them in "
        "PHISCOPE_PYTHON"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Writes RUN_DIR/report.html and RUN_DIR/figures/ from what a study left there. "
        "A section whose file is missing says so."
    )
    parser.add_argument("run_directory", metavar="RUN_DIR", type=Path)
    arguments = parser.parse_args()
    # Reading needs no lock, and some cluster file systems refuse one. HDF5 looks at this when it is first loaded.
    os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
    use_interpreter_with_packages()
    from plots.report_page import build_report

    try:
        print(build_report(arguments.run_directory))
    except OSError as error:
        print(f"report.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
