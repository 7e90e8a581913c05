"""Reads the study.yaml that a run leaves behind: nested mappings, lists and scalars, as our own writer emits them.

Not a YAML library: anchors, tags and multi-line strings are outside of what that file can hold. It spares the report
one more Python package.
"""

import re


def parse_study(text: str) -> dict:
    """The settings as nested dictionaries; scalars become bool, int, float, None or str."""
    lines = [line for line in map(_without_comment, text.splitlines()) if line.strip() not in ("", "---", "...")]
    settings, rest = _parse_block(lines, 0)
    if rest != len(lines) or not isinstance(settings, dict):
        raise ValueError(f"cannot read the line '{lines[min(rest, len(lines) - 1)].strip()}'")
    return settings


def setting(settings: dict, path: str, default=None):
    """The value at a dotted path, or the default."""
    for key in path.split("."):
        if not isinstance(settings, dict) or key not in settings:
            return default
        settings = settings[key]
    return settings


def expand_ranges(value) -> list:
    """The integers of a seed setting: `0-39`, `0-3,7`, a number, or a list of those."""
    if value is None:
        return []
    if isinstance(value, list):
        return [number for item in value for number in expand_ranges(item)]
    numbers = []
    for part in filter(None, re.split(r"[,\s]+", str(value))):
        first, dash, last = part.partition("-")
        numbers.extend(range(int(first), int(last) + 1) if dash else [int(first)])
    return numbers


def _without_comment(line: str) -> str:
    quote = ""
    for position, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (position == 0 or line[position - 1].isspace()):
            return line[:position].rstrip()
    return line.rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_item(line: str) -> bool:
    return line.lstrip(" ").startswith("- ") or line.strip() == "-"


def _parse_block(lines: list, start: int):
    if start >= len(lines):
        return {}, start
    return (_parse_list if _is_item(lines[start]) else _parse_mapping)(lines, start)


def _parse_mapping(lines: list, start: int):
    depth, result, position = _indent(lines[start]), {}, start
    while position < len(lines) and _indent(lines[position]) == depth and not _is_item(lines[position]):
        match = re.match(r"""\s*("[^"]*"|'[^']*'|[^:]+?)\s*:(?:\s+(.*))?$""", lines[position])
        if match is None:
            raise ValueError(f"cannot read the line '{lines[position].strip()}'")
        key, value = match.group(1).strip("\"'"), match.group(2)
        position += 1
        if value:
            while _open_brackets(value) > 0 and position < len(lines):
                value += " " + lines[position].strip()
                position += 1
            result[key] = _parse_flow(value)
        elif position < len(lines) and (
            _indent(lines[position]) > depth or (_indent(lines[position]) == depth and _is_item(lines[position]))
        ):
            result[key], position = _parse_block(lines, position)
        else:
            result[key] = None
    return result, position


def _parse_list(lines: list, start: int):
    depth, result, position = _indent(lines[start]), [], start
    while position < len(lines) and _indent(lines[position]) == depth and _is_item(lines[position]):
        content = lines[position].lstrip(" ")[1:]
        if re.match(r"\s*[^\[{\"'][^:]*:(\s|$)", content):
            lines[position] = " " * (depth + 1) + content  # a mapping that begins on the line of its dash
            item, position = _parse_mapping(lines, position)
        else:
            item, position = _parse_flow(content.strip()), position + 1
        result.append(item)
    return result, position


def _open_brackets(text: str) -> int:
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", text)
    return sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))


def _parse_flow(text: str):
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_parse_flow(part) for part in _split_flow(text[1:-1])]
    if text.startswith("{") and text.endswith("}"):
        pairs = (part.partition(":") for part in _split_flow(text[1:-1]))
        return {key.strip().strip("\"'"): _parse_flow(value) for key, _, value in pairs}
    return _scalar(text)


def _split_flow(text: str) -> list:
    parts, part = [], ""
    for character in text:
        if character == "," and _open_brackets(part) == 0 and part.count('"') % 2 == 0 and part.count("'") % 2 == 0:
            parts.append(part)
            part = ""
        else:
            part += character
    return parts + [part] if part.strip() else parts


def _scalar(text: str):
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    words = {"true": True, "false": False, "null": None, "~": None, "": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
