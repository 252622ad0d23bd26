"""Findings as text: on the screen, in docs/benchmarks.md between its marks, and as bars in an SVG."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from tests.benchmarks.figures import Bar, Findings, number

STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1b1b1b } .title { font-weight: 600 }
.ours { fill: #1f6feb } .other { fill: #8c959f } .back { fill: #ffffff }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .back { fill: #0d1117 } .ours { fill: #58a6ff } }
"""
LABEL, WIDTH, ROW, EDGE = 210, 760, 30, 16


def as_text(findings: Findings) -> str:
    """Return a plain table with the aims below."""
    table = [findings.head, *findings.rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(findings.head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    aims = [f"Aim: {aim}" for aim in findings.aims]
    return "\n".join([findings.title, *(f"  {line}" for line in [*lines, *findings.notes, *aims])])


def as_markdown(findings: Findings, chart: str) -> str:
    """Return the section of the document."""
    table = [findings.head, ["---"] * len(findings.head), *findings.rows]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    aims = [f"- {'**Missed.** ' if not aim.met else ''}{aim}" for aim in findings.aims]
    picture = [f"![{findings.bar_title}]({chart})", ""] if findings.bars else []
    notes = ["", " ".join(findings.notes)] if findings.notes else []
    return "\n".join([*picture, *lines, *notes, "", *aims]).strip()


def write(document: Path, findings: Findings, measured_on: str) -> None:
    """Put a section between `<!-- part -->` and `<!-- /part -->`, and draw its chart beside the document."""
    chart = f"benchmarks-{findings.part}.svg"
    section = f"{as_markdown(findings, chart)}\n\nMeasured on {measured_on}."
    mark = re.compile(rf"(<!-- {findings.part} -->\n).*?(<!-- /{findings.part} -->)", re.DOTALL)
    text, count = mark.subn(lambda found: f"{found[1]}{section}\n{found[2]}", document.read_text())
    if count != 1:
        raise ValueError(f"{document.name} has no place for {findings.part}")
    document.write_text(text)
    if findings.bars:
        (document.parent / chart).write_text(as_svg(findings.bar_title, findings.bars))


def as_svg(title: str, bars: Sequence[Bar]) -> str:
    """Return a chart of horizontal bars, each with its value; readable in light and dark."""
    height = 2 * EDGE + ROW * (len(bars) + 1)
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
            f"<style>{STYLE}</style>",
            f'<rect class="back" width="{WIDTH}" height="{height}"/>',
            f'<text class="title" x="{EDGE}" y="{EDGE + 14}">{escape(title)}</text>',
            *_drawn(bars),
            "</svg>\n",
        ]
    )


def _drawn(bars: Sequence[Bar]) -> Iterator[str]:
    longest = max(bar.value for bar in bars) or 1
    room = WIDTH - LABEL - 90
    for place, bar in enumerate(bars, start=1):
        top, length = EDGE + ROW * place, max(1.0, room * bar.value / longest)
        kind = "ours" if bar.ours else "other"
        yield f'<text x="{LABEL - 10}" y="{top + 18}" text-anchor="end">{escape(bar.label)}</text>'
        yield f'<rect class="{kind}" x="{LABEL}" y="{top + 4}" width="{length:.1f}" height="20"/>'
        yield f'<text x="{LABEL + length + 8:.1f}" y="{top + 18}">{number(bar.value)}</text>'
