"""The sections on what was run: the verdict, settings and provenance, the catalogue."""

import numpy as np

from . import page
from .figure_folder import FigureFolder
from .palette import gravity_label
from .run_directory import Missing, RunDirectory
from .study_file import expand_ranges, setting
from .wording import percent, percent_with_error, ranges


def verdict(run: RunDirectory) -> str:
    """The outcome in one sentence."""
    scores = run.scores().get("test", {})
    found = [
        (scores[kind], word)
        for kind, word in (("cube", "whole cubes"), ("slice", "single slices"))
        if scores.get(kind, {}).get("accuracy") is not None
    ]
    if not found:
        raise Missing("evaluation.json says nothing of the test split.")
    seeds = found[0][0].get("seeds")
    parts = [
        f"{percent_with_error(score.get('accuracy'), score.get('accuracy_error'))} of {word}" for score, word in found
    ]
    sentence = "The network recognises the gravity of " + " and of ".join(parts)
    sentence += f" (test split, {seeds} seeds never seen in training)" if seeds else " (test split)"
    bounds = [f"{percent(score['bound'])} of {word}" for score, word in found if score.get("bound") is not None]
    if bounds:
        sentence += "; the power spectrum alone allows at most " + " and ".join(bounds)
    best, _ = found[0]
    if best.get("accuracy_error") is not None and best["accuracy"] - 0.5 <= 2 * best["accuracy_error"]:
        sentence += ". That is no better than guessing"
    return sentence + "."


def settings_and_provenance(run: RunDirectory, _: FigureFolder) -> list:
    names = (
        ("Data", "simulations.root"),
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
    rows = [(label, value) for label, path in names if (value := setting(run.settings, path)) is not None]
    blocks = [page.table([], rows)] if rows else []
    parts = []
    try:
        provenance = run.json("provenance.json")
        machine = page.table([], _machine_rows(provenance))
        stages = [
            (stage, f"{entry['seconds']:.1f}")
            for stage, entry in provenance.get("stages", {}).items()
            if isinstance(entry, dict) and "seconds" in entry
        ]
        if stages:
            stages.append(("together", f"{sum(float(seconds) for _, seconds in stages):.1f}"))
            machine += page.table(["stage", "wall-clock [s]"], stages)
        blocks.append(machine)
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    parts.insert(0, page.columns(*blocks))
    try:
        parts.append(page.verbatim("Every setting (study.yaml)", run.text("study.yaml")))
    except Missing as missing:
        parts.append(page.absent(str(missing)))
    return parts


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
        shape = f"{provenance['ranks']} ranks × {provenance.get('threads_per_rank', 1)} threads"
        rows.append(("Parallel", shape + (f", {provenance['teams']} teams" if provenance.get("teams") else "")))
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
            page.paragraph(f"Dropped pairs: {len(dropped)} (seed {ranges(dropped)}), for a cube that was missing or bad:"),
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
