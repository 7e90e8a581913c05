"""Numbers as the report words them."""

DASH = "–"
UNDEFINED = "n/a"


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
