"""A terminal session as SVG: legible on light and dark pages, typed once, and then complete."""

import textwrap
from dataclasses import dataclass
from html import escape

COLUMNS, LINE, CHARACTER, MARGIN, BAR = 88, 20, 8.43, 18, 34
# Seconds: a character that is typed, a command's answer, and the pause after it.
TYPED, ANSWER, PAUSE = 0.025, 0.3, 0.9


@dataclass(frozen=True)
class Entry:
    command: str
    output: str


@dataclass(frozen=True)
class Line:
    text: str
    is_command: bool
    # When it begins to appear.
    at: float


def lines(entries: list[Entry]) -> list[Line]:
    found, now = [], 0.5
    for entry in entries:
        found.append(Line(f"$ {entry.command}", True, now))
        now += TYPED * len(entry.command) + ANSWER
        for text in entry.output.splitlines():
            # As a terminal of this width would break it, but between words.
            parts = textwrap.wrap(text, COLUMNS) or [""]
            found += (Line(part, False, now) for part in parts)
        now += PAUSE
    return found


def svg(title: str, entries: list[Entry]) -> str:
    shown = lines(entries)
    width = round(2 * MARGIN + COLUMNS * CHARACTER)
    height = BAR + MARGIN + LINE * len(shown)
    words = " ".join(f"{line.text}" for line in shown)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(words)}</desc>',
            STYLE,
            f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
            *(f'<circle class="button" cx="{MARGIN + 18 * i}" cy="17" r="5.5"/>' for i in range(3)),
            *(_text(line, BAR + LINE * number + 14) for number, line in enumerate(shown)),
            "</svg>",
            "",
        ]
    )


def _text(line: Line, y: int) -> str:
    typed = len(line.text) - 2
    duration, steps = (TYPED * typed, typed) if line.is_command else (0.01, 1)
    kind = "command" if line.is_command else "output"
    text = escape(line.text)
    if line.is_command:
        text = f'<tspan class="prompt">$</tspan>{escape(line.text[1:])}'
    return (
        f'<text class="{kind}" x="{MARGIN}" y="{y}" style="animation: appear {duration:.2f}s '
        f'steps({steps}) {line.at:.2f}s both">{text}</text>'
    )


STYLE = """<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.page { fill: #f6f8fa; stroke: #d1d9e0 } .button { fill: #d1d9e0 }
.output { fill: #59636e } .command { fill: #1f2328; font-weight: 600 } .prompt { fill: #0072b2 }
@media (prefers-color-scheme: dark) {
.page { fill: #151b23; stroke: #3d444d } .button { fill: #3d444d }
.output { fill: #9198a1 } .command { fill: #f0f6fc } .prompt { fill: #56b4e9 }
}
@keyframes appear { from { clip-path: inset(0 100% 0 0) } to { clip-path: inset(0 0 0 0) } }
@media (prefers-reduced-motion) { text { animation: none !important } }
</style>"""
