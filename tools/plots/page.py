"""The report as one self-contained HTML page: no script, no link to anything outside of it."""

import base64
import re
from html import escape
from pathlib import Path

STYLE = """
:root { --ink: #222; --soft: #5f6368; --line: #dadce0; --gr: #0072B2; --newton: #D55E00; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.2rem 1.2rem 4rem; max-width: 940px; color: var(--ink); background: #fff;
  font: 16px/1.55 "Source Sans 3", "Source Sans Pro", "Segoe UI", system-ui, -apple-system,
    "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p { margin: .4rem 0 .8rem; }
.when { color: var(--soft); margin: .15rem 0 1.1rem; }
.verdict { font-size: 1.12rem; line-height: 1.5; border-left: 4px solid var(--gr); padding: .5rem 0 .5rem 1rem;
  margin: 0 0 1.2rem; }
.absent { color: var(--soft); font-style: italic; }
figure { margin: 1rem 0 1.4rem; }
figure img { display: block; width: 100%; max-width: 900px; height: auto; }
figcaption { color: var(--soft); font-size: .9rem; line-height: 1.45; margin-top: .45rem; max-width: 46rem; }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0 1rem; font-variant-numeric: tabular-nums; }
td { max-width: 20rem; overflow-wrap: anywhere; }
th, td { text-align: left; vertical-align: top; padding: .22rem 1.1rem .22rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; border-bottom: 1.5px solid #9aa0a6; }
td.number, th.number { text-align: right; white-space: nowrap; }
thead th.number { white-space: normal; vertical-align: bottom; max-width: 10rem; }
.whole { white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; }
.columns { display: flex; flex-wrap: wrap; gap: 0 3rem; }
.columns > div { min-width: 16rem; }
details { margin: .6rem 0; }
summary { cursor: pointer; color: var(--soft); }
pre { font: .82rem/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; background: #f6f7f8;
  padding: .8rem 1rem; overflow-x: auto; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .scroll { overflow: visible; }
  table { font-size: 8.5pt; } th, td { padding-right: .8rem; }
  figure, table { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""

_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def section(title: str, *parts: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>"


def paragraph(text: str, css: str = "") -> str:
    """A paragraph in which no line ends between a number, its error and its unit."""
    content = re.sub(r"[\d.]+( ± [\d.]+)? %", r'<span class="whole">\g<0></span>', escape(text))
    return f'<p class="{css}">{content}</p>' if css else f"<p>{content}</p>"


def absent(text: str) -> str:
    return paragraph(text, "absent")


def figure(image: Path, caption: str) -> str:
    """The image in the page itself, with a caption that also serves readers who cannot see it."""
    data = base64.b64encode(image.read_bytes()).decode("ascii")
    return (
        f'<figure><img alt="{escape(caption)}" src="data:{_TYPES[image.suffix]};base64,{data}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def table(header: list, rows: list) -> str:
    """Rows of plain text; the first cell of a row is its heading, columns of numbers stand to the right."""
    numeric = [
        all(_is_number(row[column]) for row in rows) if rows else False for column in range(len(header or rows[0]))
    ]

    def cell(tag: str, column: int, content) -> str:
        css = ' class="number"' if numeric[column] else ""
        return f"<{tag}{css}>{escape(str(content))}</{tag}>"

    head = f"<thead><tr>{''.join(cell('th', i, name) for i, name in enumerate(header))}</tr></thead>" if header else ""
    body = "".join(
        "<tr>" + "".join(cell("td" if i else "th", i, item) for i, item in enumerate(row)) + "</tr>\n" for row in rows
    )
    return f'<div class="scroll"><table>{head}<tbody>\n{body}</tbody></table></div>'


def columns(*blocks: str) -> str:
    return '<div class="columns">' + "".join(f"<div>{block}</div>" for block in blocks) + "</div>"


def verbatim(summary: str, text: str) -> str:
    return f"<details><summary>{escape(summary)}</summary><pre>{escape(text)}</pre></details>"


def _is_number(content) -> bool:
    numbers = r"[+−-]?[\d.e+-]+( ± [\d.]+)?( %)?( \(error n/a\))?|\d+ of \d+|–|n/a|nan|"
    powers = r"(1 − )?((\(-?[\d.]+ ± [\d.]+\)|-?[\d.]+) × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+( \(error n/a\))?|[\d.]+ ± [\d.]+)"
    return re.fullmatch(f"{numbers}|{powers}", str(content).strip()) is not None
