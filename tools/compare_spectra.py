#!/usr/bin/env python3
"""Sets the spectra of Phiscope beside Pylians3 and PolyBin3D, where these are installed: times and numbers.

Every measurement is a process of its own; the programs take turns over several rounds, and the medians are quoted.
Phiscope's times come from spectra_benchmark (ninja -C build/release spectra_benchmark), the numbers from `phiscope
power` and `phiscope bispectrum` on one cube of non-Gaussian noise. tools/requirements.txt says how to get the others.
"""

import argparse
import csv
import importlib.util
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# With L = 2π·128 Mpc/h, k_F is 1/128 exactly, and no rounding decides whether PolyBin3D takes a triangle whose bins'
# centres lie on one line for closed.
BOX = 2 * math.pi * 128
PEERS = {"Pylians3": "Pk_library", "PolyBin3D": "PolyBin3D"}
SHAPES = {"equilateral": (0.5, 1.0), "squeezed": (0.99, 1.0), "stretched": (0.99, 0.51)}
MIB = 1024


def edges_in_fundamentals(n: int) -> list[float]:
    """The linear bins of spectra_benchmark's bins27."""
    return [1.5 + 3 * i for i in range(n) if 1.5 + 3 * i <= n / 3]


def sample_triangles(n: int) -> list[tuple[float, float, float]]:
    """k1 (h/Mpc), k2 and the angle between them: each shape at four sides, none on an edge of a shell."""
    fundamental = 2 * math.pi / BOX
    sides = [fundamental * (n / 2) ** power for power in (0.31, 0.52, 0.73, 0.96)]
    return [(k, t * k, math.acos(-mu)) for mu, t in SHAPES.values() for k in sides]


def third_side(k1: float, k2: float, theta: float) -> float:
    return math.sqrt((k2 * math.sin(theta)) ** 2 + (k2 * math.cos(theta) + k1) ** 2)


# What runs in a process of its own: measure(cube, threads, scratch) gives seconds and whatever else is to be known.


def timed(work) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def make_cube(file: Path, n: int) -> dict:
    """Noise of unit variance with a quadratic part, so that its bispectrum is not zero."""
    import numpy as np

    cube = np.random.default_rng(1).standard_normal((n, n, n), dtype=np.float32)
    cube += np.float32(0.3) * (cube * cube - np.float32(1))
    cube -= cube.mean(dtype=np.float64).astype(np.float32)
    np.save(file, cube)
    return {}


def pylians_power(cube, threads: int, _scratch: Path) -> dict:
    import Pk_library

    def measure():
        return Pk_library.Pk(cube, BOX, 0, None, threads, verbose=False)

    measure()
    seconds, power = timed(measure)
    columns = {"k": power.k3D, "modes": power.Nmodes3D, "p0": power.Pk[:, 0]}
    return {"seconds": seconds, **{name: values.tolist() for name, values in columns.items()}}


def pylians_bispectrum(cube, threads: int, _scratch: Path) -> dict:
    """One call per triangle, as a loop over k1 makes them; Pylians counts the triangles in every call."""
    import numpy as np
    import Pk_library

    measured, seconds = [], []
    for k1, k2, theta in sample_triangles(cube.shape[0]):
        took, result = timed(lambda: Pk_library.Bk(cube, BOX, k1, k2, np.array([theta]), None, threads))
        seconds.append(took)
        measured.append(float(result.B[0]))
    return {"seconds": statistics.mean(seconds), "b": measured}


def polybin_bins(cube, threads: int, scratch: Path) -> dict:
    """All closed triangles. The Fisher matrix, which holds the counts, is kept from the first round."""
    import numpy as np
    import PolyBin3D

    n = cube.shape[0]
    base = PolyBin3D.PolyBin3D([BOX] * 3, [n] * 3, pixel_window="none", backend="fftw", nthreads=threads)
    edges = np.array(edges_in_fundamentals(n)) * (2 * np.pi / BOX)
    estimator = PolyBin3D.BSpec(base, edges, lmax=0, Pk_fid=None)
    kept, counting = scratch / "fisher.npy", None
    if not kept.exists():
        counting, fisher = timed(lambda: estimator.compute_fisher_ideal(discreteness_correction=False))
        np.save(kept, fisher)
    estimator.discreteness_correction = False
    cube = cube.astype(np.float64)  # PolyBin3D takes nothing else
    fisher = np.load(kept)
    seconds, result = timed(lambda: estimator.Bk_ideal(cube, fish_ideal=fisher, discreteness_correction=False))
    return {"seconds": seconds, "counting": counting, "triangles": estimator.N_bins, "b": result["b0"].tolist()}


MEASUREMENTS = {
    "pylians_power": ("Pylians3", pylians_power),
    "pylians_bispectrum": ("Pylians3", pylians_bispectrum),
    "polybin_bins": ("PolyBin3D", polybin_bins),
}


def measure_here(what: str, arguments) -> None:
    if what == "cube":
        result = make_cube(arguments.scratch / "cube.npy", arguments.n)
    elif what == "installed":
        result = {name: importlib.util.find_spec(module) is not None for name, module in PEERS.items()}
    else:
        import numpy as np

        cube = np.load(arguments.scratch / "cube.npy")
        result = MEASUREMENTS[what][1](cube, arguments.threads, arguments.scratch)
        result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    (arguments.scratch / f"{what}.json").write_text(json.dumps(result))


# The comparison.


class Programs:
    """Starts the other processes."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.scratch = arguments.scratch
        self.environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(arguments.threads),
            "OMPI_MCA_rmaps_base_oversubscribe": "1",
            "OMPI_MCA_hwloc_base_binding_policy": "none",
            "PHISCOPE_CACHE": str(self.scratch / "cache"),
        }
        if os.getuid() == 0:
            self.environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def run(self, command: list) -> str:
        command = [str(word) for word in command]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            output = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise RuntimeError(f"`{' '.join(command)}` ended with {done.returncode}: {' '.join(output[-3:])}")
        return done.stdout

    def python(self, what: str) -> dict:
        """A measurement by this file in the interpreter that has the peers."""
        options = ["--scratch", self.scratch, "--threads", self.arguments.threads, "--n", self.arguments.n]
        self.run([self.arguments.python, __file__, "--measure", what, *options])
        return json.loads((self.scratch / f"{what}.json").read_text())

    def benchmark(self, case: str) -> dict:
        """One timed round of spectra_benchmark, after its own warm-up."""
        launcher = ["mpirun", "-n", self.arguments.ranks] if self.arguments.ranks > 1 else []
        program = self.arguments.bin / "spectra_benchmark"
        choice = ["--n", self.arguments.n, "--rounds", 1, f"--benchmark_filter=^{case}/", "--benchmark_format=json"]
        run = json.loads(self.run([*launcher, program, *choice]))["benchmarks"][0]
        extra = {"triangles": int(run["triangles"])} if "triangles" in run else {}
        return {"seconds": run["real_time"] / 1e3, "peak": run["peak_MiB"], **extra}

    def table(self, *words) -> list[dict]:
        """The rows that a command of phiscope writes."""
        file = self.scratch / "ours.csv"
        self.run([self.arguments.bin / "phiscope", *words, "--quiet", "-o", file])
        with file.open() as stream:
            return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def collect(programs: Programs, names: list[str], rounds: int) -> dict[str, list[dict]]:
    """Everything once per round, in turn."""
    results = {name: [] for name in names}
    for turn in range(rounds):
        for name in names:
            print(f"round {turn + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
            measure = programs.python if name in MEASUREMENTS else programs.benchmark
            results[name].append(measure(name))
    return results


def quote(runs: list[dict] | None, scale: float = 1.0) -> str:
    if not runs:
        return "–"
    seconds = [run["seconds"] * scale for run in runs]
    peak = max(run["peak"] for run in runs)
    middle, low, high = statistics.median(seconds), min(seconds), max(seconds)
    return f"{middle:.3g} s ({low:.3g}–{high:.3g}), {peak:.0f} MiB"


def ratio(theirs: list[dict] | None, ours: list[dict], scale: float = 1.0) -> str:
    if not theirs:
        return "–"
    middle = [statistics.median(run["seconds"] for run in runs) for runs in (theirs, ours)]
    return f"{scale * middle[0] / middle[1]:.3g}"


def print_times(results: dict[str, list[dict]], arguments) -> None:
    print(f"\n{arguments.n}³ float32; Phiscope: {arguments.ranks} rank(s) × {arguments.threads} thread(s), the others:")
    print(f"{arguments.threads} thread(s); median (min–max) of {arguments.rounds} rounds; largest memory of a process.\n")
    print("| measurement | Phiscope | peer | | peer / Phiscope |\n|---|---|---|---|---|")
    power, floor = results["power"], results["floor"]
    rows = [("P(k)", power, "Pylians3, with P2 and P4", "pylians_power", 1.0)]
    rows.append(("P(k)", power, "FFTW_MEASURE plan + reading the modes", "floor", 1.0))
    calls = 75 * len(SHAPES)
    sampled = f"Pylians3, {calls} × the mean of {len(sample_triangles(arguments.n))} calls"
    rows.append((f"B, 75 k × {len(SHAPES)} shapes", results["shapes75"], sampled, "pylians_bispectrum", calls))
    triangles = results["bins27"][0]["triangles"]
    theirs = results.get("polybin_bins")
    peer = f"PolyBin3D ({theirs[0]['triangles']})" if theirs else "PolyBin3D"
    rows.append((f"B, all {triangles} triangles of linear bins", results["bins27"], peer, "polybin_bins", 1.0))
    for what, ours, name, key, scale in rows:
        runs = floor if key == "floor" else results.get(key)
        print(f"| {what} | {quote(ours)} | {name} | {quote(runs, scale)} | {ratio(runs, ours, scale)} |")
    counting = [f"{run['counting']:.3g} s" for run in theirs or [] if run["counting"]]
    print("\nTriangle counts of the linear bins, once per binning and not in the table: Phiscope", end=" ")
    print(f"{results['bins27_counts'][0]['seconds']:.3g} s, PolyBin3D (Fisher matrix) {(counting or ['–'])[0]}.")
    print("Pylians3 counts in every call, which is in the table.")


def differences(ours: list[float], theirs: list[float]) -> str:
    if len(ours) != len(theirs):
        return f"{len(ours)} values against {len(theirs)}: not comparable"
    relative = sorted(abs(a / b - 1) for a, b in zip(ours, theirs))
    middle, largest = statistics.median(relative), relative[-1]
    return f"{len(relative)} values, relative difference: median {middle:.1e}, largest {largest:.1e}"


def column(rows: list[dict], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def print_numbers(programs: Programs, results: dict[str, list[dict]]) -> None:
    cube, fundamental = programs.scratch / "cube.npy", 2 * math.pi / BOX
    print("\nThe same cube measured by both (all in float32, but PolyBin3D in float64):\n")
    if "pylians_power" in results:
        ours = programs.table("power", cube, "--box", BOX, "--convention", "pylians")
        theirs = results["pylians_power"][0]
        for name in ("k", "modes", "p0"):
            print(f"- {name} of P(k) and Pylians3: {differences(column(ours, name), theirs[name])}")
    if "pylians_bispectrum" in results:
        listed = programs.scratch / "triangles.csv"
        sides = [(k1, k2, third_side(k1, k2, theta)) for k1, k2, theta in sample_triangles(programs.arguments.n)]
        listed.write_text("k1,k2,k3\n" + "".join(",".join(map(repr, triangle)) + "\n" for triangle in sides))
        ours = programs.table("bispectrum", cube, "--box", BOX, "--triangles", listed, "--convention", "pylians")
        print(f"- B and Pylians3: {differences(column(ours, 'b'), results['pylians_bispectrum'][0]['b'])}")
    if "polybin_bins" in results:
        edges = ",".join(repr(edge * fundamental) for edge in edges_in_fundamentals(programs.arguments.n))
        ours = programs.table("bispectrum", cube, "--box", BOX, "--triangles", "all", "--edges", edges)
        print(f"- B and PolyBin3D: {differences(column(ours, 'b'), results['polybin_bins'][0]['b'])}")


def compare(arguments) -> int:
    programs = Programs(arguments)
    programs.python("cube")
    installed = programs.python("installed")
    for name, present in installed.items():
        if not present:
            print(f"{name} is not installed in {arguments.python}: not compared (see tools/requirements.txt)")
    ours = ["power", "floor", "shapes75", "bins27"]
    for case in ours:  # fills the caches of plans and counts
        programs.benchmark(case)
    theirs = [name for name, (peer, _) in MEASUREMENTS.items() if installed[peer] and name not in arguments.skip]
    results = collect(programs, ours + theirs, arguments.rounds)
    results |= collect(programs, ["bins27_counts"], 1)
    print_times(results, arguments)
    if theirs:
        print_numbers(programs, results)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="folder of our programs")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the peers and NumPy")
    parser.add_argument("--n", type=int, default=256, help="cells along an axis")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of a rank, and of a peer")
    parser.add_argument("--ranks", type=int, default=1, help="ranks of Phiscope")
    parser.add_argument("--skip", action="append", default=[], choices=list(MEASUREMENTS), help="a slow measurement")
    parser.add_argument("--scratch", type=Path, help="folder for the cube and what the peers keep (default: temporary)")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure_here(arguments.measure, arguments)
        return 0
    for program in ("phiscope", "spectra_benchmark"):
        if shutil.which(arguments.bin / program) is None:
            how = f"ninja -C {arguments.bin.parent} {program}"
            sys.exit(f"compare_spectra.py: {arguments.bin / program} is missing. To build it: {how}")
    temporary = None
    if arguments.scratch is None:
        temporary = tempfile.TemporaryDirectory(prefix="phiscope-compare-")
        arguments.scratch = Path(temporary.name)
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    try:
        return compare(arguments)
    except RuntimeError as error:
        print(f"compare_spectra.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
