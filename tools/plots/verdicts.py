"""The outcome of a study with a task of its own in a sentence or two."""

from .regression_section import targets_of, tells_nothing
from .wording import accuracy, measured, percent, plural, sentence_of


def of_classes(rows: list) -> str:
    split = rows[0][0]
    told = [_share(split, word, scores) for of_split, word, scores in rows if of_split == split]
    scores = rows[0][2]
    text = f"The network tells the class of {' and of '.join(told)}, {_apart(scores)}."
    sizes = [entry.get("samples", 0) for entry in scores.get("per_class", {}).values()]
    if sum(sizes):
        frequent = max(sizes) / sum(sizes)
        text += f" The most frequent class makes up {percent(frequent)} of them."
        error = scores.get("accuracy_error")
        if error and scores["accuracy"] - frequent <= 2 * error:
            text += " That is no better than always answering it."
    return text


def of_numbers(rows: list) -> str:
    split, word, scores = rows[0]
    names = targets_of(scores)
    told = [name for name in names if not tells_nothing(scores[name])]
    texts = []
    if told:
        values = [f"{name} to {measured(scores[name]['rmse'], scores[name].get('rmse_error'))}" for name in told]
        texts.append(
            f"The network tells {sentence_of(values)}: root mean square error over {scores.get('samples')} {split} "
            f"{plural(word)}, {_apart(scores)}."
        )
    if len(told) < len(names):
        rest = sentence_of([name for name in names if name not in told])
        texts.append(f"Of {rest} {'it' if told else 'the network'} tells no more than always answering the mean would.")
    return " ".join(texts)


def of_fields(rows: list) -> str:
    split, word, scores = rows[0]
    text = f"Of the {split} {plural(word)} the network's mean squared error is "
    text += measured(scores.get("mse"), scores.get("mse_error"))
    baseline = scores.get("baseline_mse")
    if not baseline or not scores.get("mse"):
        return f"{text}."
    if scores["mse"] < baseline:
        return f"{text}, {baseline / scores['mse']:.3g} times below that of {scores.get('baseline')}."
    return f"{text}. That of {scores.get('baseline')} is lower: {baseline:.4g}."


def _share(split: str, word: str, scores: dict) -> str:
    share, samples = accuracy(scores), f"{split} {plural(word)}"
    return f"{share} {samples}" if " of " in share else f"{share} of the {scores.get('samples')} {samples}"


def _apart(scores: dict) -> str:
    if scores.get("groups") == scores.get("samples"):
        return "none of which it was trained on"
    return "none of a group that it was trained on"
