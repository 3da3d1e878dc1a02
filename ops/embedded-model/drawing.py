"""Flat shapes with smooth edges, drawn over a still background.

Lengths are in frame heights: x from 0 to the aspect ratio, y from 0 (top) to 1, so that a clip looks alike at any size.
"""

import math

import numpy
from PIL import Image, ImageDraw

# Pixels are drawn as squares of this many sub-pixels, then averaged.
OVERSAMPLING = 3

Color = tuple[int, int, int]
Point = tuple[float, float]

_CIRCLE = [(math.cos(2 * math.pi * k / 20), math.sin(2 * math.pi * k / 20)) for k in range(20)]


class Shapes:
    """A list of shapes, later ones in front, in a frame of reference that can be moved, turned and scaled."""

    def __init__(self) -> None:
        self.items: list[tuple[str, Color, list[Point], float]] = []
        self.place()

    def place(self, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, squash: float = 1) -> None:
        """What follows is drawn around (x, y), turned clockwise by `turn` radians and `squash` times as tall."""
        self.scale = scale
        cosine, sine = math.cos(turn) * scale, math.sin(turn) * scale
        self.matrix = (cosine, -sine * squash, x, sine, cosine * squash, y)

    def point(self, x: float, y: float) -> Point:
        a, b, c, d, e, f = self.matrix
        return (a * x + b * y + c, d * x + e * y + f)

    def circle(self, x: float, y: float, radius: float, color: Color) -> None:
        self.items.append(("circle", color, [self.point(x, y)], radius * self.scale))

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color, turn: float = 0) -> None:
        c, s = math.cos(turn), math.sin(turn)
        points = [(x + rx * u * c - ry * v * s, y + rx * u * s + ry * v * c) for u, v in _CIRCLE]
        self.polygon(points, color)

    def polygon(self, points: list[Point], color: Color) -> None:
        self.items.append(("polygon", color, [self.point(x, y) for x, y in points], 0))

    def limb(self, points: list[Point], width: float, color: Color) -> None:
        """A thick line with round ends and joints."""
        self.items.append(("limb", color, [self.point(x, y) for x, y in points], width * self.scale / 2))

    def bounds(self) -> tuple[float, float, float, float]:
        xs = [(x - r, x + r) for _, _, points, r in self.items for x, _ in points]
        ys = [(y - r, y + r) for _, _, points, r in self.items for _, y in points]
        return (min(x for x, _ in xs), min(y for y, _ in ys), max(x for _, x in xs), max(y for _, y in ys))

    def draw(self, canvas: ImageDraw.ImageDraw, unit: float, left: float = 0, top: float = 0) -> None:
        """Draws on a canvas of `unit` pixels per length whose corner is at pixel (left, top)."""
        for kind, color, points, radius in self.items:
            placed = [(x * unit - left, y * unit - top) for x, y in points]
            r = radius * unit
            if kind == "polygon":
                canvas.polygon(placed, fill=color)
                continue
            if len(placed) > 1:
                canvas.line(placed, fill=color, width=max(1, round(2 * r)))
            for x, y in placed:
                canvas.ellipse([x - r, y - r, x + r, y + r], fill=color)


class Stage:
    """A background of one size, over which the frames of a clip are drawn."""

    def __init__(self, background: Shapes, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.unit = height * OVERSAMPLING
        self.large = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING))
        background.draw(ImageDraw.Draw(self.large), self.unit)
        self.small = numpy.asarray(self.large.reduce(OVERSAMPLING))

    def frame(self, shapes: Shapes) -> numpy.ndarray:
        """`[height, width, 3]` bytes; only the rectangle that the shapes touch is drawn anew."""
        frame = self.small.copy()
        if not shapes.items:
            return frame
        left, top, right, bottom = (value * self.height for value in shapes.bounds())
        left, right = max(0, math.floor(left) - 1), min(self.width, math.ceil(right) + 1)
        top, bottom = max(0, math.floor(top) - 1), min(self.height, math.ceil(bottom) + 1)
        if left >= right or top >= bottom:
            return frame
        box = [edge * OVERSAMPLING for edge in (left, top, right, bottom)]
        tile = self.large.crop(box)
        shapes.draw(ImageDraw.Draw(tile), self.unit, box[0], box[1])
        frame[top:bottom, left:right] = numpy.asarray(tile.reduce(OVERSAMPLING))
        return frame
