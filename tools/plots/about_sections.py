"""The sections on what was run: the verdict, settings and provenance, the catalogue."""

import numpy as np

from . import page
from .figure_folder import FigureFolder
from .palette import gravity_label
from .run_directory import Missing, RunDirectory
from .study_file import expand_ranges, setting
from .wording import DASH, accuracy, counted, moment, percent, ranges

# Settings that mean nothing where a study has data of its own, and where it has simulations.
OF_SIMULATIONS = ("simulations.root", "dataset.transform", "measure.ranks_per_cube")
OF_DATA = (
    "simulate.engine",
    "data.kind",
    "data.table",
    "data.root",
    "task.kind",
    "task.targets",
    "task.density",
    "dataset.split.fractions",
)
KINDS = (("cube", "test cubes"), ("slice", "test slices"))


def verdict(run: RunDirectory) -> str:
    """The outcome in a few sentences."""
    scores = run.scores().get("test", {})
    found = [(scores[kind], word) for kind, word in KINDS if (scores.get(kind) or {}).get("accuracy") is not None]
    if not found:
        raise Missing("evaluation.json says nothing of the test split.")
    null_test = setting(run.settings, "dataset.null_test", False)
    known = [_share(*found[0], seeds=found[0][0].get("seeds")), *(_share(*item) for item in found[1:])]
    subject = (
        "In this null test, with Newtonian runs in both classes, the network recognises the class of "
        if null_test
        else "The network recognises the gravity of "
    )
    sentences = [subject + " and of ".join(known) + ", none of them of a seed that it was trained on."]
    best, _ = found[0]
    if best.get("accuracy_error") is not None:
        if best["accuracy"] - 0.5 <= 2 * best["accuracy_error"]:
            sentences.append("That is no better than guessing" + (", as it must be." if null_test else "."))
        elif null_test:
            sentences.append("That is better than guessing: by chance, or through a leak.")
    sentences.extend(_of_two_points(scores, found))
    return " ".join(sentences)


def _share(score: dict, word: str, seeds=None) -> str:
    """`10 of 10 test cubes (5 seeds)`, `74.3 ± 2.0 % of the test slices`."""
    share = accuracy(score)
    joined = f"{share} {word}" if " of " in share else f"{share} of the {word}"
    return joined + (f" ({counted(seeds, 'seed')})" if seeds else "")


def _of_two_points(scores: dict, found: list) -> list:
    """What the power spectrum would tell: of Gaussian fields, and to a classifier that sees nothing else."""
    sentences = []
    bounds = [
        f"{percent(score['bound'])} of {word.removeprefix('test ')}"
        for score, word in found
        if score.get("bound") is not None
    ]
    if bounds:
        sentences.append(
            "Were the fields Gaussian, two-point information would allow about " + " and ".join(bounds) + "."
        )
    spectra = scores.get("spectra") or {}
    if spectra.get("accuracy") is not None:
        sentences.append(f"A classifier of P(k) alone recognises {_share(spectra, 'test cubes')}.")
    return sentences


def settings_and_provenance(run: RunDirectory, _: FigureFolder) -> list:
    names = (
        ("Data", "simulations.root"),
        ("Data", "data.kind"),
        ("Table", "data.table"),
        ("Folder", "data.root"),
        ("Simulated by", "simulate.engine"),
        ("Task", "task.kind"),
        ("Targets", "task.targets"),
        ("Density", "task.density"),
        ("Parts of the split", "dataset.split.fractions"),
        ("Transform", "dataset.transform"),
        ("Sample", "dataset.sample"),
        ("Network", "network.file"),
        ("Hidden size", "network.hidden"),
        ("Epochs", "training.epochs"),
        ("Batch", "training.batch"),
        ("Lanes", "training.lanes"),
        ("Optimiser", "training.optimizer.name"),
        ("Learning rate", "training.optimizer.learning_rate"),
        ("Random seed", "training.seed"),
        ("Ranks per cube", "measure.ranks_per_cube"),
    )
    if setting(run.settings, "data.kind", "simulations") in ("simulations", None):
        names = [(label, path) for label, path in names if path not in OF_DATA]
        rows = [(label, value) for label, path in names if (value := setting(run.settings, path)) is not None]
    else:
        names = [(label, path) for label, path in names if path not in OF_SIMULATIONS and _is_said(run, path)]
        rows = [(label, _listed(setting(run.settings, path))) for label, path in names]
    blocks = [page.table([], rows)] if rows else []
    parts = []
    try:
        provenance = run.json("provenance.json")
        if machine := _machine_rows(provenance):
            blocks.append(page.table([], machine))
        parts.extend(_stage_table(provenance.get("stages", {})))
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    parts.insert(0, page.columns(*blocks))
    try:
        parts.append(page.verbatim("Every setting (study.yaml)", run.text("study.yaml")))
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return parts


def _listed(value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _is_said(run: RunDirectory, path: str) -> bool:
    """Whether a setting has a value and a meaning in this study of data of its own."""
    if setting(run.settings, path) in (None, "", []):
        return False
    if path == "simulate.engine":
        return setting(run.settings, path) != "none"
    return path != "task.density" or setting(run.settings, "task.kind") == "regression"


def _stage_table(stages: dict) -> list:
    """Each stage's time, and where the file says so on what, by which version and when it ended."""
    entries = {stage: entry for stage, entry in stages.items() if isinstance(entry, dict)}
    header, rows = ["stage", "wall-clock [s]"], [[stage] for stage in entries]
    for row, entry in zip(rows, entries.values()):
        row.append(f"{entry['seconds']:.1f}" if "seconds" in entry else DASH)
    for title, key, cell in (
        ("ranks × threads", "ranks", lambda entry: f"{entry['ranks']} × {entry.get('threads_per_rank', 1)}"),
        ("revision", "revision", lambda entry: entry["revision"]),
        ("finished", "finished", lambda entry: moment(entry["finished"])),
    ):
        if any(entry.get(key) for entry in entries.values()):
            header.append(title)
            for row, entry in zip(rows, entries.values()):
                row.append(cell(entry) if entry.get(key) else DASH)
    if not rows:
        return []
    together = f"{sum(entry.get('seconds', 0) for entry in entries.values()):.1f}"
    return [page.table(header, [*rows, ["together", together] + [""] * (len(header) - 2)])]


def _machine_rows(provenance: dict) -> list:
    rows = [
        (
            "Phiscope",
            " ".join(
                filter(
                    None,
                    [provenance.get("phiscope"), f"({provenance['revision']})" if provenance.get("revision") else ""],
                )
            ),
        ),
        ("Compiler", ", ".join(filter(None, [provenance.get("compiler"), provenance.get("build_type")]))),
        ("Host", provenance.get("host")),
        ("MPI", provenance.get("mpi")),
        ("HDF5", provenance.get("hdf5")),
        ("FFTW", provenance.get("fftw")),
        ("oneDNN", provenance.get("onednn")),
    ]
    if provenance.get("ranks"):
        shape = f"{counted(provenance['ranks'], 'rank')} × {counted(provenance.get('threads_per_rank', 1), 'thread')}"
        teams = f", {counted(provenance['teams'], 'team')}" if provenance.get("teams") else ""
        rows.append(("Parallel", shape + teams))
    return [(label, value) for label, value in rows if value]


def catalogue(run: RunDirectory, _: FigureFolder) -> list:
    wanted = expand_ranges(setting(run.settings, "simulations.seeds"))
    rows, parts = [], []
    try:
        present = [int(seed) for seed in run.dataset("statistics.h5", "catalogue/seed")]
    except Missing as missing:
        present = wanted
        parts.append(page.absent(str(missing)))
    for split in ("train", "validation", "test"):
        seeds = expand_ranges(setting(run.settings, f"dataset.split.{split}"))
        if seeds:
            rows.append((split, len([seed for seed in seeds if seed in present]), ranges(seeds)))
    if rows:
        parts.insert(0, page.table(["split", "pairs used", "seeds"], rows))
    parts.extend(_dropped_pairs(run, sorted(set(wanted) - set(present)), len(wanted)))
    parts.extend(_redshifts(run))
    return parts


def _dropped_pairs(run: RunDirectory, absent: list, wanted: int) -> list:
    """What `on_bad_cube: skip` left out, with the reason: study.yaml lists only the seeds that were kept."""
    try:
        reasons = {int(item["seed"]): item["reason"] for item in run.json("provenance.json").get("dropped", [])}
    except (Missing, KeyError, TypeError):
        reasons = {}
    dropped = sorted(reasons.keys() | set(absent))
    if dropped:
        return [
            page.paragraph(
                f"Dropped pairs: {len(dropped)} (seed {ranges(dropped)}), for a cube that was missing or bad:"
            ),
            page.table(["seed", "what was wrong"], [(seed, reasons.get(seed, "see the log")) for seed in dropped]),
        ]
    if wanted and run.path.joinpath("statistics.h5").exists():
        return [page.paragraph(f"Dropped pairs: none; all {wanted} pairs were used.")]
    return []


def _redshifts(run: RunDirectory) -> list:
    try:
        nominal = run.dataset("statistics.h5", "catalogue/redshift")
        real = run.dataset("statistics.h5", "catalogue/real_redshift")
    except Missing:
        return []
    rows = []
    for index, value in enumerate(nominal):
        cells = [f"{value:g}"]
        for gravity in range(real.shape[1]):
            low, high = np.nanmin(real[:, gravity, index]), np.nanmax(real[:, gravity, index])
            cells.append(f"{low:.5f}" if high - low < 5e-6 else f"{low:.5f} to {high:.5f}")
        rows.append(cells)
    names = [f"real, {gravity_label(gravity)}" for gravity in run.gravities()]
    return [
        page.paragraph("Snapshots are taken at the first time step past the nominal redshift:"),
        page.table(["nominal redshift", *names], rows),
    ]
