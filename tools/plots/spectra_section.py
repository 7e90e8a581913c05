"""The section on the spectra: power, significance of the difference, correlations, bounds, bispectrum."""

from . import bispectrum, correlation, page, power, significance
from .figure_folder import FigureFolder
from .palette import gravity_label
from .run_directory import Missing, RunDirectory
from .wording import counted, percent

FILE = "statistics.h5"
DIFFERENCE = (
    "Above: mean difference GR − Newton of runs that share their initial phases, in units of its standard error; within "
    "the grey band it is no larger than its error. Below: signal to noise of the difference in a single pair, of all "
    "bands up to the one shown; times the square root of the number of pairs for all together."
)


def spectra(run: RunDirectory, figures: FigureFolder) -> list:
    seeds = counted(len(run.dataset(FILE, "catalogue/seed")), "seed")
    parts = [page.figure(figures.save(power.draw_power(run), "power"), _power_caption(run, seeds))]
    if significance.has_differences(run, "power"):
        image = figures.save(
            significance.draw_significance(run, "power", significance.of_power(run)), "power_difference"
        )
        parts.append(page.figure(image, f"{DIFFERENCE} {_covariance_words(run, 'power')}"))
    parts.extend(_bounds(run))
    if correlation.has_correlation(run):
        image = figures.save(correlation.draw_correlation(run), "power_correlation")
        parts.append(
            page.figure(
                image,
                f"Correlation between the bins of the power spectrum over {seeds}, and between those of the paired "
                f"ratio where there is one. Between independent bins, noise alone leaves ±{_noise(run):.2f}.",
            )
        )
    if run.has(FILE, "bispectrum"):
        parts.append("<h3>Bispectrum</h3>")
        try:
            parts.extend(_bispectrum(run, figures, seeds))
        except Missing as missing:
            parts.append(page.absent(str(missing)))
    return parts


def _power_caption(run: RunDirectory, seeds: str) -> str:
    text = (
        f"Power spectrum of the potential Φ, mean over {seeds}, with bands of one standard deviation between seeds "
        "(cosmic variance)."
    )
    if field := run.attribute(FILE, "field"):
        text = text.replace("the potential Φ", f"the field {field}")
    if power.has_linear(run):
        text += " Dotted: linear theory at the redshift of the snapshots."
    if reason := run.attribute(FILE, "no_linear_theory"):
        text += f" There is no linear theory beside it: {reason}."
    if power.has_ratio(run):
        text += (
            " Second row: mean of the ratio GR/Newton within pairs that share their initial phases; its standard error "
            "is often smaller than the points."
        )
    tables = power.seeds_with_tables(run)
    if tables:
        text += (
            f" Last row: gevolution's own spectra of the same cubes ({counted(tables, 'seed')}) beside ours; the tables "
            "are interpolated to the nominal redshift, the snapshots lie up to a time step later. Where the rows of a "
            "table are wider than the distance between modes, some modes near an edge go to the next bin."
        )
    return text


def _noise(run: RunDirectory) -> float:
    return (len(run.dataset(FILE, "catalogue/seed")) - 1) ** -0.5


def _covariance_words(run: RunDirectory, group: str) -> str:
    if significance.covariance_in_use(run, group).startswith("full"):
        words = (
            "With the full covariance over the seeds, its inverse corrected after Hartlap et al. (2007): the line falls "
            "where one more band adds less than that costs."
        )
    else:
        seeds = counted(len(run.dataset(FILE, "catalogue/seed")), "seed")
        words = (
            f"Bands count as independent: {seeds} are too few for the inverse of their full covariance, which takes "
            "three more than bands."
        )
    repeated = int(run.hdf5(FILE)[f"{group}/cumulative_signal_to_noise"].attrs.get("repeated_bands", 0))
    if repeated:
        bands = counted(repeated, "band")
        words += f" Left out of the sum, because they repeat others, as triangles of the same shells do: {bands}."
    return words


def _bounds(run: RunDirectory) -> list:
    if not run.has(FILE, "power/bound_cube"):
        return []
    cubes, slices = run.dataset(FILE, "power/bound_cube"), run.dataset(FILE, "power/bound_slice")
    rows = [(label, percent(cube), percent(cut)) for label, cube, cut in zip(run.redshift_labels(), cubes, slices)]
    return [
        page.paragraph(
            "Accuracy that two-point information of Φ would allow, if the fields were Gaussian and the spectra known "
            "(from the ratio of the means over all seeds and the number of modes up to (N/2 − 1) times the fundamental "
            "one, without the mean of the cube):"
        ),
        page.table(["", "a cube", "a slice"], rows),
    ]


def _bispectrum(run: RunDirectory, figures: FigureFolder, seeds: str) -> list:
    families = bispectrum.families(run)
    names = " and ".join(map(gravity_label, run.gravities()))
    parts = []
    for index, family in enumerate(families):
        image = figures.save(bispectrum.draw_bispectrum(run, family), f"bispectrum_{index}")
        tree = "Dotted" if family.logarithmic else "Black dashes"
        few = " Bands: standard error of the mean." if family.logarithmic else ""
        parts.append(
            page.figure(
                image,
                f"Bispectrum and reduced bispectrum Q of Φ in {names}, {family.name}: mean over {seeds}. Hollow points: "
                f"B is negative.{few} {tree}: tree level, from gravity alone with Gaussian initial conditions.",
            )
        )
    if significance.has_differences(run, "bispectrum"):
        image = figures.save(significance.draw_significance(run, "bispectrum", families), "bispectrum_difference")
        parts.append(page.figure(image, f"The bispectrum. {DIFFERENCE} {_covariance_words(run, 'bispectrum')}"))
    return parts
