#!/usr/bin/env python3
"""Sets training in Phiscope beside PyTorch on the same cores: images per second and peak memory.

A step is forward, backward and Adam on one global batch of random samples, dropout and batch normalisation on. Ours is
training_benchmark (ninja -C build/release training_benchmark); PyTorch runs the same network file through to_torch.py.
Every measurement is a process of its own, and the two take turns over several rounds; medians are quoted.

PyTorch gets the best of its settings that a search finds first: malloc (the system's, tcmalloc or jemalloc where they
are installed), memory format (contiguous or channels last), the batch whole or in pieces with accumulated gradients,
and with --compile torch.compile. Needs torch, numpy, pyyaml, safetensors for the peer; without, only ours is measured.
"""

import argparse
import glob
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Work:
    """What is trained, and on what."""

    network: str
    input: str
    batch: int
    lanes: int
    processes: int = 1
    threads: int = 1
    parameters: dict[str, float] = field(default_factory=dict)


O3 = {"network": "o3", "input": "1x256x256", "batch": 64, "lanes": 8, "parameters": {"hidden": 8}}
WORKS = {
    "o3": Work(**O3, threads=2),
    "o3_ranks": Work(**O3, processes=2),
    "o3_single": Work(**O3),
    "cosmoflow": Work("cosmoflow", "1x64x64x64", 4, 1, threads=2, parameters={"last": 256}),
    "table": Work("sigmoid_mlp", "3", 32, 1, parameters={"outputs": 4}),
}
OURS = [("o3", "f32"), ("o3", "bf16"), ("o3_ranks", "f32"), ("o3_single", "f32"), ("cosmoflow", "f32"), ("table", "f32")]
PEERS = [("o3", "f32"), ("o3", "bf16"), ("o3_ranks", "f32"), ("cosmoflow", "f32"), ("table", "f32")]
TITLES = {
    "o3": "o3, hidden 8, 1×256², batch 64, 1 process × 2 threads",
    "o3_ranks": "o3, hidden 8, 1×256², batch 64, 2 processes × 1 thread",
    "o3_single": "o3, hidden 8, 1×256², batch 64, 1 process × 1 thread",
    "cosmoflow": "CosmoFlow, 1×64³, batch 4, 1 process × 2 threads",
    "table": "3-150-150-150-150-4, sigmoids, batch 32, 1 process × 1 thread",
}


# PyTorch, in a process of its own: peer(work, precision, setting, seconds) prints one line of JSON.


def make_peer(work: Work, setting: dict):
    import to_torch
    import torch
    from exchange.network_file import read_network

    shape = tuple(int(extent) for extent in work.input.split("x"))
    text = (ROOT / f"config/networks/{work.network}.yaml").read_text()
    torch.manual_seed(0)
    network = to_torch.Network(read_network(text, shape, work.parameters), inplace=True)
    x = torch.randn(work.batch // work.processes, *shape)
    if setting["format"] == "channels last":
        memory_format = torch.channels_last if len(shape) == 3 else torch.channels_last_3d
        network, x = network.to(memory_format=memory_format), x.to(memory_format=memory_format)
    return network, x


def peak_memory() -> float:
    """Of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def adam(parameters):
    import torch

    parameters = list(parameters)  # a generator would be used up by the first attempt
    try:
        return torch.optim.Adam(parameters, 1e-4, fused=True)
    except (TypeError, RuntimeError):  # PyTorch before 2.4 on processors
        return torch.optim.Adam(parameters, 1e-4)


def peer(work: Work, precision: str, setting: dict, seconds: float) -> dict:
    import contextlib

    import torch
    import torch.distributed

    torch.set_num_threads(work.threads)
    libraries = peak_memory()
    network, x = make_peer(work, setting)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    pieces = x.split(max(1, work.batch // work.lanes)) if setting["batch"] == "in pieces" else (x,)
    with torch.no_grad():
        outputs = network.eval()(x[:1]).shape[1]
    network.train()
    targets = [torch.arange(len(piece) * outputs).reshape(-1, outputs).remainder(2).float() for piece in pieces]
    loss_of = torch.nn.BCEWithLogitsLoss() if outputs == 1 else torch.nn.MSELoss()
    optimizer = adam(network.parameters())
    if work.processes > 1:
        torch.distributed.init_process_group("gloo")
        network = torch.nn.parallel.DistributedDataParallel(
            network, broadcast_buffers=False, gradient_as_bucket_view=True
        )
    run = torch.compile(network) if setting["compile"] == "compiled" else network
    autocast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16")

    def step() -> None:
        optimizer.zero_grad()
        for i, (piece, target) in enumerate(zip(pieces, targets)):
            last = i + 1 == len(pieces)
            with contextlib.nullcontext() if last or work.processes == 1 else network.no_sync():
                with autocast:
                    output = run(piece)
                loss = loss_of(output.float(), target) / len(pieces)
                loss.backward()
        optimizer.step()

    step()
    times, start = [], time.perf_counter()
    # The same number of steps in all processes: it follows from the slowest first one.
    step()
    first = torch.tensor(time.perf_counter() - start)
    if work.processes > 1:
        torch.distributed.all_reduce(first, torch.distributed.ReduceOp.MAX)
    for _ in range(max(3, round(seconds / first.item()))):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    if work.processes > 1:
        torch.distributed.destroy_process_group()
    return {
        "images_per_second": work.batch / statistics.median(times),
        "peak_mib": peak_memory(),
        "libraries_mib": libraries,
        "parameters": parameters,
        "torch": torch.__version__,
    }


# The comparison.


class Programs:
    """Starts the other processes. Each measurement is a dictionary with images_per_second and peak_mib."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.failures: dict[str, str] = {}

    def measure(self, name: str, launch) -> dict | None:
        """None, with the reason noted once, where a program ends with an error."""
        if name in self.failures:
            return None
        try:
            return launch()
        except RuntimeError as error:
            self.failures[name] = str(error)
            print(f"{name}: {error}", file=sys.stderr)
            return None

    def ours(self, name: str, precision: str) -> dict:
        work = WORKS[name]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(work.threads),
            "OMPI_MCA_rmaps_base_oversubscribe": "1",
            "OMPI_MCA_hwloc_base_binding_policy": "none",
        }
        if os.getuid() == 0:
            environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        launcher = ["mpirun", "-n", work.processes] if work.processes > 1 else []
        program = [self.arguments.bin / "training_benchmark"]
        sizes = ["--input", work.input, "--batch", work.batch, "--lanes", work.lanes]
        choices = [f"--set={key}={value:g}" for key, value in work.parameters.items()]
        choices += ["--precision", {"f32": "float32", "bf16": "bfloat16"}[precision]]
        file = ROOT / f"config/networks/{work.network}.yaml"
        rounds = ["--rounds", 2 if self.arguments.quick else 8]
        (output,) = finish([start([*launcher, *program, "--network", file, *sizes, *choices, *rounds], environment)])
        return last_json(output)

    def peer(self, name: str, precision: str, setting: dict) -> dict:
        work = WORKS[name]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(work.threads),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(free_port()),
            "GLOO_SOCKET_IFNAME": "lo",
            "WORLD_SIZE": str(work.processes),
        }
        if setting["malloc"] != "system":
            environment["LD_PRELOAD"] = mallocs()[setting["malloc"]]
        asked = json.dumps([name, precision, setting, 1.0 if self.arguments.quick else 10.0])
        command = [self.arguments.python, __file__, "--peer", asked]
        started = [start(command, {**environment, "RANK": str(rank)}) for rank in range(work.processes)]
        results = [last_json(output) for output in finish(started)]
        return {**results[0], "peak_mib": max(result["peak_mib"] for result in results)}


def start(command: list, environment: dict) -> subprocess.Popen:
    command = [str(word) for word in command]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(processes: list[subprocess.Popen]) -> list[str]:
    """What they printed. Raises RuntimeError when one failed; the others are ended then."""
    outputs = []
    try:
        for process in processes:
            output, errors = process.communicate(timeout=1800)
            if process.returncode != 0:
                said = (errors.strip() or output.strip()).splitlines()
                raise RuntimeError(
                    f"{Path(process.args[0]).name} ended with {process.returncode}: {' '.join(said[-2:])}"
                )
            outputs.append(output)
    except subprocess.TimeoutExpired:
        raise RuntimeError("not done after half an hour") from None
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
    return outputs


def last_json(output: str) -> dict:
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"no line of JSON in: {output.strip()[-200:]}")
    return json.loads(lines[-1])


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def mallocs() -> dict[str, str]:
    """The libraries to preload, by name."""
    found = {}
    for name, pattern in {"tcmalloc": "libtcmalloc*.so.4", "jemalloc": "libjemalloc.so.2"}.items():
        files = [
            file
            for folder in ("/usr/lib/*", "/usr/lib64", "/usr/local/lib")
            for file in glob.glob(f"{folder}/{pattern}")
        ]
        files = [file for file in files if "debug" not in file and "profiler" not in file]
        if files:
            found[name] = min(files, key=len)
    return found


def search(programs: Programs, name: str, precision: str) -> dict:
    """The setting in which PyTorch is fastest: one choice after the other, each tried with the best of those before."""
    choices = {
        "malloc": ["system", *mallocs()],
        "format": ["contiguous", "channels last"] if "x" in WORKS[name].input else ["contiguous"],
        "batch": ["whole", "in pieces"] if WORKS[name].batch // WORKS[name].lanes < WORKS[name].batch else ["whole"],
        "compile": ["eager", "compiled"] if programs.arguments.compile else ["eager"],
    }
    best = {key: values[0] for key, values in choices.items()}
    if programs.arguments.quick:
        return {**best, "malloc": choices["malloc"][-1]}
    best_rate, tried = 0.0, []
    for key, values in choices.items():
        for setting in ({**best, key: value} for value in values):
            if setting in tried:
                continue
            tried.append(setting)
            result = programs.measure(
                f"PyTorch, {name}, {precision}, {describe(setting)}", lambda: programs.peer(name, precision, setting)
            )
            rate = result["images_per_second"] if result else 0.0
            print(f"search: {name} {precision}: {describe(setting)}: {rate:.1f} images/s", file=sys.stderr, flush=True)
            if rate > best_rate:
                best, best_rate = setting, rate
    return best


def describe(setting: dict) -> str:
    return ", ".join(
        [setting["malloc"] + " malloc", setting["format"], "batch " + setting["batch"], setting["compile"]]
    )


def collect(programs: Programs, settings: dict) -> tuple[dict, dict]:
    """Everything once per round, in turn."""
    ours, theirs = {case: [] for case in OURS}, {case: [] for case in settings}
    for turn in range(programs.arguments.rounds):
        for case in OURS:
            print(f"round {turn + 1} of {programs.arguments.rounds}: {' '.join(case)}", file=sys.stderr, flush=True)
            ours[case].append(programs.measure(f"Phiscope, {case[0]}, {case[1]}", lambda: programs.ours(*case)))
            if case in settings:
                launch = lambda: programs.peer(*case, settings[case])
                theirs[case].append(programs.measure(f"PyTorch, {case[0]}, {case[1]}", launch))
    keep = lambda results: {case: [run for run in runs if run] for case, runs in results.items()}
    return keep(ours), keep(theirs)


def middle(runs: list[dict] | None, key: str) -> float | None:
    return statistics.median(run[key] for run in runs) if runs else None


def quote(runs: list[dict] | None) -> str:
    if not runs:
        return "–"
    rates = [run["images_per_second"] for run in runs]
    return f"{statistics.median(rates):.1f} ({min(rates):.1f}–{max(rates):.1f})"


def ratio(above: float | None, below: float | None) -> str:
    return f"{above / below:.2f}×" if above and below else "–"


def print_results(ours: dict, theirs: dict, settings: dict, arguments) -> None:
    versions = {run["torch"] for runs in theirs.values() for run in runs}
    print(f"\nImages per second: median (min–max) of {arguments.rounds} interleaved rounds", end="")
    print(f"; PyTorch {', '.join(versions)}.\n" if versions else ".\n")
    print("| work | Phiscope | PyTorch | ratio | to reach | aim |\n|---|---|---|---|---|---|")
    rows = [
        (("o3", "f32"), ("o3", "f32"), "2.3×", "3×"),
        (("o3_ranks", "f32"), ("o3_ranks", "f32"), "2.3×", "3×"),
        (("o3", "bf16"), ("o3", "f32"), "3×", "4×"),
        (("o3", "bf16"), ("o3", "bf16"), "2×", "4×"),
        (("cosmoflow", "f32"), ("cosmoflow", "f32"), "1.6×", "2.2×"),
        (("table", "f32"), ("table", "f32"), "3×", "–"),
    ]
    rate = "images_per_second"
    for mine, peer_case, reach, aim in rows:
        if mine not in ours:
            continue
        against = "" if mine[1] == peer_case[1] else f" against {peer_case[1]}"
        runs, peers = ours[mine], theirs.get(peer_case)
        factor = ratio(middle(runs, rate), middle(peers, rate))
        print(
            f"| {TITLES[mine[0]]}, {mine[1]}{against} | {quote(runs)} | {quote(peers)} | {factor} | {reach} | {aim} |"
        )
    if "o3" in arguments.only:
        print_o3_rows(ours, theirs)
    for case, setting in settings.items():
        print(f"PyTorch's setting for {TITLES[case[0]]}, {case[1]}: {describe(setting)}.")


def print_o3_rows(ours: dict, theirs: dict) -> None:
    """Scaling, share of the convolutions and memory of o3, which needs all of its works."""
    rate = "images_per_second"
    one, two = ours.get(("o3_single", "f32")), ours.get(("o3_ranks", "f32"))
    scaling = ratio(middle(two, rate), middle(one, rate))
    print(f"| o3, 2 ranks × 1 thread against 1 × 1 | {quote(two)} | {quote(one)} (ours) | {scaling} | 1.85× | 1.95× |")
    share = middle([run for run in ours["o3", "f32"] if "convolution_share" in run], "convolution_share")
    print(f"| o3, part of a step inside convolutions | {f'{share:.0%}' if share else '–'} | – | – | 80 % | 90 % |")
    peaks = [middle(side.get(("o3", "f32")), "peak_mib") for side in (ours, theirs)]
    libraries = middle(theirs.get(("o3", "f32")), "libraries_mib")
    for what, peak in (("", peaks[1]), (", PyTorch without its libraries", peaks[1] and peaks[1] - libraries)):
        said = [f"{value:.0f} MiB" if value else "–" for value in (peaks[0], peak)]
        print(
            f"| {TITLES['o3']}, f32: peak memory{what} | {said[0]} | {said[1]} | {ratio(peaks[0], peak)} | 0.6× | 0.4× |"
        )
    print(
        "\nPeak memory is of a whole process, ours with its libraries; PyTorch's take what they took before a network was made."
    )


def compare(arguments) -> int:
    programs = Programs(arguments)
    installed = subprocess.run([arguments.python, "-c", "import torch, numpy, yaml, safetensors"], capture_output=True)
    if installed.returncode != 0:
        print(f"{arguments.python} does not have torch, numpy, yaml and safetensors: ours alone is measured")
    OURS[:] = [case for case in OURS if case[0] in arguments.only]
    PEERS[:] = [case for case in PEERS if case[0] in arguments.only]
    settings = {case: search(programs, *case) for case in PEERS} if installed.returncode == 0 else {}
    ours, theirs = collect(programs, settings)
    print_results(ours, theirs, settings, arguments)
    for name, reason in programs.failures.items():
        print(f"Failed: {name}: {reason}")
    return 0 if all((*ours.values(), *theirs.values())) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="folder of our programs")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has PyTorch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(WORKS), default=list(WORKS), help="the works to compare")
    parser.add_argument("--compile", action="store_true", help="torch.compile takes part in the search")
    parser.add_argument("--quick", action="store_true", help="one round of few steps, no search: a first impression")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        name, precision, setting, seconds = json.loads(arguments.peer)
        print(json.dumps(peer(WORKS[name], precision, setting, seconds)))
        return 0
    if arguments.quick:
        arguments.rounds = 1
    if shutil.which(arguments.bin / "training_benchmark") is None:
        how = f"ninja -C {arguments.bin.parent} training_benchmark"
        sys.exit(f"compare_training.py: {arguments.bin / 'training_benchmark'} is missing. To build it: {how}")
    return compare(arguments)


if __name__ == "__main__":
    sys.exit(main())
