"""Numbers as the report words them."""

DASH = "–"


def percent(value) -> str:
    return DASH if value is None else f"{100 * value:.1f} %"


def percent_with_error(value, error) -> str:
    return percent(value) if value is None or error is None else f"{100 * value:.1f} ± {100 * error:.1f} %"


def number(value, digits: int = 3) -> str:
    return DASH if value is None else f"{value:.{digits}f}"


def ranges(numbers: list) -> str:
    """`0–23, 30`: consecutive numbers drawn together."""
    runs = []
    for value in sorted(set(numbers)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
