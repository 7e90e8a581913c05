"""Numbers as the report words them."""

import math

DASH = "–"
UNDEFINED = "n/a"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(value) -> str:
    return DASH if value is None else f"{100 * value:.1f} %"


def accuracy(score: dict) -> str:
    """`74.3 ± 2.0 %`; `10 of 10` where the bootstrap over seeds had no spread, so that its error says nothing."""
    value, error, samples = (score.get(key) for key in ("accuracy", "accuracy_error", "samples"))
    if value is None:
        return UNDEFINED
    if samples and without_spread(score):
        return f"{round(value * samples)} of {samples}"
    if error is None or error == 0:
        return f"{percent(value)} (error {UNDEFINED})"
    return f"{100 * value:.1f} ± {100 * error:.1f} %"


def without_spread(score: dict) -> bool:
    return score.get("accuracy") in (0, 1) or score.get("accuracy_error") == 0


def number(value, digits: int = 3) -> str:
    return UNDEFINED if value is None else f"{value:.{digits}f}"


def counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def moment(text) -> str:
    """`2026-11-20T10:59:48Z` for readers."""
    return str(text or "").replace("T", " ").replace("Z", " UTC")


def ranges(numbers: list) -> str:
    """`0–23, 30`: consecutive numbers drawn together."""
    runs = []
    for value in sorted(set(numbers)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def plural(word: str) -> str:
    """Of what results call a sample or a group."""
    known = {"subcube": "sub-cubes", "spectra": "spectra"}
    return known.get(word, f"{word}s")


def measured(value, error) -> str:
    """`0.0300 ± 0.0007`, `(3.42 ± 0.12) × 10⁶`: both to the same decimal, which is the error's second digit."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    if not error or not math.isfinite(error):
        return f"{plain(value)} (error {UNDEFINED})"
    power = math.floor(math.log10(max(abs(value), error)))
    decimals = 1 - math.floor(math.log10(error))
    if -4 < power < 5 and -1 < decimals < 6:
        return f"{round(value, decimals) + 0.0:.{decimals}f} ± {error:.{decimals}f}"
    value, error, decimals = value / 10**power, error / 10**power, max(decimals + power, 0)
    return f"({value:.{decimals}f} ± {error:.{decimals}f}) × {_power_of_ten(power)}"


def plain(value) -> str:
    """Three digits: `0.0300`, `3.42 × 10⁶`."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    power = math.floor(math.log10(abs(value))) if value else 0
    if -4 < power < 5:
        return f"{value:.{max(2 - power, 0)}f}"
    return f"{value / 10**power:.2f} × {_power_of_ten(power)}"


def _power_of_ten(power: int) -> str:
    return "10" + str(power).translate(_RAISED)


def measured_share(value, error) -> str:
    """`74.0 ± 1.3 %`."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    if not error or not math.isfinite(error):
        return f"{percent(value)} (error {UNDEFINED})"
    return f"{100 * value:.1f} ± {100 * error:.1f} %"


def sentence_of(names: list) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
