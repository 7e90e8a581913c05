"""Colours and type that all figures share.

The colours are those of Okabe and Ito (2008), which readers with any common colour blindness tell apart.
"""

import matplotlib
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

GR = "#0072B2"
NEWTON = "#D55E00"
TRAIN = "#7F7F7F"
VALIDATION = "#009E73"
INK = "#222222"
FAINT = "#BBBBBB"

# Of families of triangles, and whatever else is drawn side by side.
FAMILIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

GRAVITY_COLOUR = {"gr": GR, "newton": NEWTON}
GRAVITY_LABEL = {"gr": "GR", "newton": "Newton"}

FIGURE_WIDTH = 9.0  # inches; the page shows it 900 px wide, so 9 pt becomes 12.5 px


def apply() -> None:
    """Sets matplotlib up so that the same data give the same bytes, whatever the user's own matplotlibrc says."""
    matplotlib.use("Agg")
    with_backend = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")}
    matplotlib.rcParams.update(with_backend)
    matplotlib.rcParams.update(
        {
            "svg.hashsalt": "phiscope",
            "svg.fonttype": "path",
            "font.size": 9,
            "axes.titlesize": 9.5,
            "axes.labelsize": 9,
            "axes.edgecolor": "#666666",
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": "#444444",
            "ytick.color": "#444444",
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "axes.linewidth": 0.7,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E6E6E6",
            "grid.linewidth": 0.6,
            "lines.linewidth": 1.6,
            "legend.frameon": False,
            "legend.fontsize": 8,
            "figure.dpi": 100,
            "savefig.dpi": 170,
        }
    )


def gravity_colour(gravity: str) -> str:
    return GRAVITY_COLOUR.get(gravity, INK)


def gravity_style(gravity: str):
    """The line of Newton is dashed, so that both are seen where they lie on each other."""
    return (0, (4, 2)) if gravity == "newton" else "-"


def gravity_label(gravity: str) -> str:
    return GRAVITY_LABEL.get(gravity, gravity)


def percent_axis(axis) -> None:
    """Shares as percentages, with decimals only where the ticks stand closer than 1 %."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(100 * value, 6):g} %"))


def readable_log_axis(axes) -> None:
    """A logarithmic x axis with plain decimals at 1, 2 and 5 of every decade: our k span one or two decades."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
