"""Bar charts as SVG, by hand: legible on light and dark pages, and described in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 820, 250, 96
BAR, GAP, GROUP_GAP = 16, 3, 14
TITLE, LEGEND, AXIS = 34, 30, 30
# What a figure next to a bar takes.
VALUE = 44

# One color for one kind of program in every chart: (on white, on black). Told apart by people who
# do not see red or green, too, and never by color alone: each bar has its name.
COLORS = {
    "now": ("#0072b2", "#56b4e9"),
    "before": ("#8a8f98", "#8a8f98"),
    "floor": ("#007f5f", "#2bc49a"),
    "rival": ("#b35900", "#e69f00"),
    "other": ("#a4508b", "#d68ac0"),
}


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    color: str


@dataclass(frozen=True)
class Group:
    """Bars under one heading. `goal` is a line across them."""

    label: str
    bars: list[Bar]
    goal: float | None = None


@dataclass(frozen=True)
class Chart:
    title: str
    description: str
    unit: str
    groups: list[Group]
    logarithmic: bool = False

    def svg(self) -> str:
        scale = Scale(self)
        parts, y = [], self.top
        for group in self.groups:
            drawn, y = _group(group, self.unit, scale, y)
            parts += drawn
        bottom = y - GROUP_GAP + 6
        grid = [part for tick in scale.ticks for part in _tick(tick, scale, self.top, bottom)]
        height = bottom + AXIS + 14
        unit = _text(LEFT + scale.width / 2, height - 8, self.unit + (
            ", logarithmic" if self.logarithmic else ""), "axis", "middle")  # fmt: skip
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
            f' width="{WIDTH}" height="{height:.0f}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(self.title)}</title>',
            f'<desc id="desc">{escape(self.description)} {escape(self._in_words())}</desc>',
            _style(),
            f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="6"/>',
            _text(16, 24, self.title, "title"),
            *self._legend(), *grid, *parts, unit, "</svg>",
        ]) + "\n"  # fmt: skip

    @property
    def top(self) -> int:
        return TITLE + (LEGEND if self._goals else 8)

    @property
    def _goals(self) -> bool:
        return any(group.goal for group in self.groups)

    def _legend(self) -> list[str]:
        if not self._goals:
            return []
        y = TITLE + 8
        return [
            f'<line class="goal" x1="{LEFT}" x2="{LEFT}" y1="{y - 8}" y2="{y + 6}"/>',
            _text(LEFT + 8, y + 4, "goal", "axis"),
        ]

    def _in_words(self) -> str:
        told = []
        for group in self.groups:
            bars = ", ".join(f"{bar.label} {number(bar.value)}" for bar in group.bars)
            goal = f", goal {number(group.goal)}" if group.goal else ""
            told.append(f"{group.label}: {bars}{goal}.")
        return f"In {self.unit}. " + " ".join(told)


class Scale:
    def __init__(self, chart: Chart):
        values = [bar.value for group in chart.groups for bar in group.bars]
        values += [group.goal for group in chart.groups if group.goal]
        self.logarithmic = chart.logarithmic
        self.width = WIDTH - LEFT - RIGHT
        if self.logarithmic:
            # Nothing has no place on such a scale: its bar has no length.
            self.low = 10 ** math.floor(math.log10(min(value for value in values if value)))
            self.high = 10 ** math.ceil(math.log10(max(values)))
            decades = round(math.log10(self.high / self.low))
            self.ticks = [self.low * 10**power for power in range(decades + 1)]
        else:
            step = _step(max(values))
            self.low, self.high = 0.0, step * math.ceil(max(values) / step)
            self.ticks = [step * count for count in range(round(self.high / step) + 1)]

    def x(self, value: float) -> float:
        if not value:
            share = 0.0
        elif self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = value / self.high
        return LEFT + self.width * max(0.0, share)


def _step(highest: float) -> float:
    """A round number that goes into the highest four to ten times."""
    power = 10 ** math.floor(math.log10(highest / 4))
    return next(power * factor for factor in (1, 2, 5, 10) if highest / (power * factor) <= 10)


def _group(group: Group, unit: str, scale: Scale, y: float) -> tuple[list[str], float]:
    parts = [_text(16, y + 12, group.label, "group")]
    y += BAR + GAP
    top = y
    values = []
    for bar in group.bars:
        end = scale.x(bar.value)
        beside = end
        if group.goal and end - 2 <= scale.x(group.goal) <= end + VALUE:
            beside = scale.x(group.goal)
        values.append(_text(beside + 6, y + 12, number(bar.value), "value"))
        parts += [
            _text(LEFT - 8, y + 12, bar.label, "label", "end"),
            f'<rect class="{bar.color}" x="{LEFT}" y="{y:.0f}" width="{max(1.0, end - LEFT):.1f}"'
            f' height="{BAR}"><title>{escape(bar.label)}: {number(bar.value)} {escape(unit)}</title>'
            "</rect>",
        ]
        y += BAR + GAP
    if group.goal:
        x = scale.x(group.goal)
        parts.append(
            f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 2:.0f}" y2="{y - 1:.0f}">'
            f"<title>goal: {number(group.goal)} {escape(unit)}</title></line>"
        )
    return [*parts, *values], y + GROUP_GAP


def _tick(value: float, scale: Scale, top: float, bottom: float) -> list[str]:
    x = scale.x(value)
    return [
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 6}" y2="{bottom:.0f}"/>',
        _text(x, bottom + 16, f"{value:g}" if value < 1 else f"{value:,.10g}", "axis", "middle"),
    ]


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def number(value: float) -> str:
    if value < 0.1:
        return f"{value:.2g}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _style() -> str:
    def colors(which: int) -> str:
        return " ".join(f".{name} {{ fill: {pair[which]} }}" for name, pair in COLORS.items())

    def page(back: str, ink: str, faint: str, grid: str) -> str:
        return (
            f".page {{ fill: {back} }} text {{ fill: {ink}; stroke: {back} }} .axis, .value {{ fill: {faint} }}"
            f" .grid {{ stroke: {grid} }} .goal {{ stroke: {ink} }}"
        )

    return f"""\
<style>
text {{ font: 12px system-ui, sans-serif; stroke-width: 3; paint-order: stroke }}
.title {{ font-size: 15px; font-weight: 600 }}
.group {{ font-weight: 600 }}
.goal {{ stroke-width: 2; stroke-dasharray: 4 2 }}
{page("#ffffff", "#1f2328", "#59636e", "#d8dee4")} {colors(0)}
@media (prefers-color-scheme: dark) {{
{page("#0d1117", "#e6edf3", "#9198a1", "#2a313a")} {colors(1)}
}}
</style>"""
