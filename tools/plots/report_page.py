"""The whole report of a study, section by section."""

import sys
from pathlib import Path

from . import about_sections, page, palette, result_sections, spectra_section, task_sections
from .figure_folder import UNFINISHED, FigureFolder
from .run_directory import Missing, RunDirectory
from .wording import moment

# Of a study of pairs of simulations.
SECTIONS = (
    ("What was run", about_sections.settings_and_provenance),
    ("Catalogue", about_sections.catalogue),
    ("Spectra", spectra_section.spectra),
    ("Training", result_sections.training_section),
    ("Classification", result_sections.classification_section),
    ("What the network looks at", result_sections.explanation_section),
)
UNEXPECTED = (AttributeError, KeyError, IndexError, TypeError, ValueError)


def build_report(run_directory: Path) -> Path:
    """Draws all figures and writes the page; returns its path."""
    palette.apply()
    run = RunDirectory(run_directory)
    figures = FigureFolder(run_directory / "figures")
    target, unfinished = run_directory / "report.html", run_directory / f"report.html{UNFINISHED}"
    unfinished.unlink(missing_ok=True)
    body = [header(run)]
    for title, build in task_sections.sections() if task_sections.is_asked(run) else SECTIONS:
        try:
            parts = build(run, figures)
        except Missing as missing:
            parts = [page.absent(str(missing))]
        except UNEXPECTED as error:
            # One result of an unexpected form must not cost the reader all the others.
            print(f"report.py: the section '{title}' could not be made: {error!r}", file=sys.stderr)
            parts = [page.absent(f"This section could not be made from the results: {error!r}.")]
        body.append(page.section(title, *parts))
    run.close()

    unfinished.write_text(page.page(f"Phiscope: {run.name}", "\n".join(body)), encoding="utf-8", errors="replace")
    unfinished.replace(target)
    return target


def header(run: RunDirectory) -> str:
    try:
        provenance = run.json("provenance.json")
    except Missing:
        provenance = {}
    when = " · ".join(filter(None, ["A Phiscope study", moment(provenance.get("started")), provenance.get("host")]))
    try:
        asked = task_sections if task_sections.is_asked(run) else about_sections
        verdict = page.paragraph(asked.verdict(run), "verdict")
    except Missing as missing:
        verdict = page.paragraph(f"No verdict yet. {missing}", "verdict absent")
    except UNEXPECTED as error:
        verdict = page.paragraph(f"No verdict: evaluation.json is of an unexpected form ({error!r}).", "verdict absent")
    return f"<header><h1>{page.escape(run.name)}</h1>{page.paragraph(when, 'when')}{verdict}</header>"
