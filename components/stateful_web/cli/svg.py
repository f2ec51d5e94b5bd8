"""Boxes of text as SVG, for light and dark: their size is known before a browser draws them."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import drawsvg as draw  # type: ignore[import-untyped]
from rich.cells import cell_len

MARGIN, PADDING_X, PADDING_Y = 24, 14, 10
LINE_HEIGHT = 1.45

SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', Ubuntu, sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True)
class Style:
    """How a line of text is set; ``advance`` is what a character takes at most, in em."""

    font: str
    size: int
    weight: int
    advance: float


# What comes from the stack is monospaced: no text of it is wider than we know.
STYLES: Mapping[str, Style] = {
    "kind": Style(SANS, 11, 600, 0.70),
    "name": Style(MONO, 14, 600, 0.62),
    "code": Style(MONO, 12, 400, 0.62),
    "note": Style(SANS, 12, 400, 0.64),
}


@dataclass(frozen=True)
class Scheme:
    """Colours; each look has a fill, a border, and an ink for its kind."""

    canvas: str
    ink: str
    muted: str
    line: str
    looks: Mapping[str, tuple[str, str, str]]


LIGHT = Scheme(
    canvas="#ffffff",
    ink="#1f2328",
    muted="#545d68",
    line="#818b98",
    looks={
        "service": ("#eaf5ff", "#4a90d9", "#0550ae"),
        "set": ("#f6f8fa", "#afb8c1", "#424a53"),
        "pod": ("#e9f9ed", "#4aa564", "#116329"),
        "claim": ("#fff8e1", "#c69026", "#7d4e00"),
        "volume": ("#fff1e8", "#d0763a", "#953800"),
        "class": ("#f6f0ff", "#9a72d8", "#6639ba"),
        "also": ("#ffffff", "#afb8c1", "#424a53"),
    },
)
DARK = Scheme(
    canvas="#0d1117",
    ink="#f0f6fc",
    muted="#a3adb8",
    line="#7d8590",
    looks={
        "service": ("#12243d", "#3d7fcf", "#79c0ff"),
        "set": ("#161b22", "#484f58", "#c9d1d9"),
        "pod": ("#12291b", "#379a4d", "#7ee787"),
        "claim": ("#2b2311", "#a77a1d", "#e3b341"),
        "volume": ("#2d1d12", "#b5622c", "#ffa657"),
        "class": ("#231a38", "#7f5cc4", "#d2a8ff"),
        "also": ("#0d1117", "#484f58", "#c9d1d9"),
    },
)


@dataclass(frozen=True)
class Box:
    """Lines of text with a border: each a style and a text, which goes on in another line after ``fold`` characters."""

    look: str
    texts: tuple[tuple[str, str], ...]
    fold: int = 22
    is_guess: bool = False
    """Whether it stands for what is not known yet, or for several."""

    @property
    def width(self) -> int:
        """Return a width that no text leaves, whatever fonts the reader has."""
        widths = (max(map(cell_len, lines)) * style.size * style.advance for style, lines in self.lines())
        return even(max(widths) + 2 * PADDING_X)

    @property
    def height(self) -> int:
        """Return the height of all lines."""
        heights = (len(lines) * style.size * LINE_HEIGHT for style, lines in self.lines())
        return even(sum(heights) + 2 * PADDING_Y + self.lid)

    @property
    def lid(self) -> int:
        """Return the height of the upper end of a volume, which is a cylinder."""
        return 16 if self.look == "volume" else 0

    def lines(self) -> Iterator[tuple[Style, list[str]]]:
        """Return each text as lines, with its style."""
        return ((STYLES[style], folded(text, self.fold)) for style, text in self.texts)


@dataclass(frozen=True)
class Placed:
    """A box at its place, where it may have more room than it needs."""

    box: Box
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Return where lines begin and end."""
        return self.x + self.width // 2

    @property
    def right(self) -> int:
        """Return where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Return where it ends."""
        return self.y + self.height

    def drawn(self) -> draw.Group:
        """Return it as SVG."""
        lid = self.box.lid
        group = draw.Group(class_=_classes(self.box.look, self.box.is_guess))
        corner = {"rx": self.width // 2, "ry": lid // 2} if lid else {"rx": 8}
        group.append(draw.Rectangle(self.x, self.y, self.width, self.height, **corner))
        if lid:
            group.append(draw.Ellipse(self.middle, self.y + lid // 2, self.width // 2, lid // 2))
        y: float = self.y + PADDING_Y + lid
        for (name, _), (style, lines) in zip(self.box.texts, self.box.lines(), strict=True):
            baseline = round(y + style.size * (LINE_HEIGHT + 0.7) / 2, 1)
            group.append(draw.Text(lines, style.size, self.middle, baseline, line_height=LINE_HEIGHT, class_=name))
            y += len(lines) * style.size * LINE_HEIGHT
        return group


def size(boxes: Iterable[Box]) -> tuple[int, int]:
    """Return the width and the height in which each of the boxes has room; none if there are no boxes."""
    sizes = [(box.width, box.height) for box in boxes]
    return max((width for width, _ in sizes), default=0), max((height for _, height in sizes), default=0)


def row(boxes: Sequence[Box], y: int, gap: int, *, middle: int = 0, size: tuple[int, int]) -> list[Placed]:
    """Return boxes of one size side by side."""
    width, height = size
    x = middle - (len(boxes) * (width + gap) - gap) // 2
    return [Placed(box, x + i * (width + gap), y, width, height) for i, box in enumerate(boxes)]


def line(path: str, *, is_guess: bool = False) -> draw.Path:
    """Return a line between boxes."""
    return draw.Path(path, class_=_classes("line", is_guess))


def dot(x: int, y: int) -> draw.Circle:
    """Return the sign for lines that meet, and do not just cross."""
    return draw.Circle(x, y, 3, class_="dot")


class Words(draw.Title):  # type: ignore[misc]
    """The picture in words, for those who do not see it."""

    TAG_NAME = "desc"


def svg(boxes: Sequence[Placed], lines: Sequence[draw.DrawingElement], title: str) -> str:
    """Return the picture as a file of its own; lines are below all boxes but the frames, which are larger ones."""
    left, bottom = min(box.x for box in boxes) - MARGIN, max(box.bottom for box in boxes) + MARGIN
    made = draw.Drawing(-2 * left, bottom, origin=(left, 0), role="img", aria_labelledby="title words")
    made.append_css(_css())
    made.append(draw.Title(title, id="title"))
    made.append(Words(". ".join(", ".join(text for _, text in placed.box.texts) for placed in boxes), id="words"))
    made.append(draw.Rectangle(left, 0, -2 * left, bottom, rx=12, class_="canvas"))
    frames = [placed for placed in boxes if placed.box.look == "set"]
    made.extend([placed.drawn() for placed in frames])
    made.extend(lines)
    made.extend([placed.drawn() for placed in boxes if placed not in frames])
    text: str = made.as_svg(header="")
    return f"{text}\n"


SEPARATOR = r"[ ./-](?!cluster\.)"
"""Lines begin with one, where they can; a cluster's domain stays whole."""


def folded(text: str, limit: int) -> list[str]:
    """Return a text in lines, none of them longer than the limit."""
    return re.findall(rf".{{1,{limit}}}(?={SEPARATOR}|$)|.{{1,{limit}}}", text) or [text]


def even(length: float) -> int:
    """Return a length that has a middle."""
    return 2 * math.ceil(length / 2)


def _classes(look: str, is_guess: bool) -> str:
    return f"{look} guess" if is_guess else look


def _css() -> str:
    """Return the style sheet: light, and dark where the reader's page or system is."""
    fonts = [
        f".{name} {{ font-family: {style.font}; font-weight: {style.weight}; text-anchor: middle; }}"
        for name, style in STYLES.items()
    ]
    shapes = [
        "rect, ellipse { stroke-width: 1.25; }",
        ".line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }",
        ".guess rect, .guess ellipse, .line.guess { stroke-dasharray: 4 4; }",
    ]
    dark = [f"  {rule}" for rule in _colours(DARK)]
    return "\n".join(["", *fonts, *shapes, *_colours(LIGHT), "@media (prefers-color-scheme: dark) {", *dark, "}", ""])


def _colours(scheme: Scheme) -> Iterator[str]:
    yield f".canvas {{ fill: {scheme.canvas}; }}"
    yield f".name {{ fill: {scheme.ink}; }}"
    yield f".code, .note {{ fill: {scheme.muted}; }}"
    yield f".line {{ stroke: {scheme.line}; }}"
    yield f".dot {{ fill: {scheme.line}; }}"
    for look, (fill, border, ink) in scheme.looks.items():
        yield f".{look} rect, .{look} ellipse {{ fill: {fill}; stroke: {border}; }}"
        yield f".{look} .kind {{ fill: {ink}; }}"
