"""A terminal session as SVG, legible on light and dark pages. The first command and its answer are there at once; the
others are typed once, and then all of them stay.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

COLUMNS, LINE, CHARACTER, MARGIN, BAR = 76, 20, 8.43, 18, 34
# Seconds: a character that is typed, the wait for an answer, and the time to read it.
TYPED, ANSWER, READ = 0.025, 0.3, 1.2


@dataclass(frozen=True)
class Entry:
    command: str
    output: str


@dataclass(frozen=True)
class Line:
    text: str
    is_command: bool
    # When it begins to appear; zero is from the start.
    at: float


def lines(entries: list[Entry]) -> Iterator[Line]:
    now = 0.0
    for entry in entries:
        yield Line(f"$ {entry.command}", True, now)
        now += TYPED * len(entry.command) + ANSWER if now else 0
        for text in entry.output.splitlines():
            # A terminal would break it at the edge; here, between words.
            for part in textwrap.wrap(text, COLUMNS) or [""]:
                yield Line(part, False, now)
        now += READ


def svg(title: str, entries: list[Entry]) -> str:
    shown = list(lines(entries))
    width = round(2 * MARGIN + COLUMNS * CHARACTER)
    height = BAR + MARGIN + LINE * len(shown)
    words = " ".join(line.text for line in shown)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(words)}</desc>',
        STYLE,
        f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        *(f'<circle class="button" cx="{MARGIN + 18 * i}" cy="17" r="5.5"/>' for i in range(3)),
        *(_text(line, BAR + LINE * number + 14) for number, line in enumerate(shown)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(line: Line, y: int) -> str:
    kind, text, motion = "output", escape(line.text), "show 1s"
    if line.is_command:
        kind, text = "command", f'<tspan class="prompt">$</tspan>{escape(line.text[1:])}'
        steps = len(line.text) - 2
        # Half of it is the rest after the last step.
        motion = f"type {2 * TYPED * steps:.2f}s steps({steps})"
    style = f' style="animation: {motion} {line.at:.2f}s both"' if line.at else ""
    return f'<text class="{kind}" x="{MARGIN}" y="{y}"{style}>{text}</text>'


# Chromium does not always paint the last frame of an animation in an image, so each ends with a rest.
STYLE = """<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.page { fill: #f6f8fa; stroke: #d1d9e0 } .button { fill: #d1d9e0 }
.output { fill: #59636e } .command { fill: #1f2328; font-weight: 600 } .prompt { fill: #0072b2 }
@media (prefers-color-scheme: dark) {
.page { fill: #151b23; stroke: #3d444d } .button { fill: #3d444d }
.output { fill: #9198a1 } .command { fill: #f0f6fc } .prompt { fill: #56b4e9 }
}
@keyframes type { from { clip-path: inset(0 100% 0 0) } 50%, to { clip-path: inset(0 0 0 0) } }
@keyframes show { from { opacity: 0 } 5%, to { opacity: 1 } }
@media (prefers-reduced-motion) { text { animation: none !important } }
</style>"""
