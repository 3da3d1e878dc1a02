"""The places of the cartoon world."""

import random
from collections.abc import Callable

from drawing import Color, Shapes

HORIZON = 0.6
# Far beyond the frame on every side, whatever its aspect ratio.
FAR = 4.0


def rectangle(shapes: Shapes, left: float, top: float, right: float, bottom: float, color: Color) -> None:
    shapes.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], color)


def sky_and_ground(shapes: Shapes, sky: Color, ground: Color, horizon: float = HORIZON) -> None:
    rectangle(shapes, -FAR, -1, FAR, horizon, sky)
    rectangle(shapes, -FAR, horizon, FAR, 2, ground)


def cloud(shapes: Shapes, x: float, y: float, color: Color = (255, 255, 255)) -> None:
    for dx, dy, rx, ry in ((-0.09, 0.01, 0.08, 0.04), (0.0, -0.02, 0.08, 0.055), (0.09, 0.01, 0.08, 0.04)):
        shapes.ellipse(x + dx, y + dy, rx, ry, color)


def park(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (142, 206, 250), (104, 190, 88))
    cloud(shapes, 0.62 + shift, 0.13)
    for x, size in ((0.16, 1.0), (1.32, 1.1)):
        rectangle(shapes, x + shift - 0.03, 0.34, x + shift + 0.03, HORIZON + 0.03, (122, 82, 50))
        shapes.circle(x + shift, 0.26, 0.17 * size, (42, 132, 62))
    shapes.polygon([(-FAR, 1.0), (-FAR, 0.95), (FAR, 0.95), (FAR, 1.0)], (226, 204, 150))


def beach(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (150, 222, 250), (244, 206, 118))
    rectangle(shapes, -FAR, 0.40, FAR, HORIZON, (28, 120, 205))
    shapes.circle(0.22 + shift, 0.16, 0.1, (255, 226, 70))
    rectangle(shapes, 1.27 + shift, 0.32, 1.295 + shift, 0.72, (250, 250, 250))
    top = [(1.02 + shift, 0.36), (1.1 + shift, 0.24), (1.28 + shift, 0.18), (1.46 + shift, 0.24), (1.54 + shift, 0.36)]
    shapes.polygon(top, (232, 62, 80))
    shapes.polygon([(1.19 + shift, 0.36), (1.28 + shift, 0.18), (1.37 + shift, 0.36)], (255, 250, 240))


def city(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (202, 214, 226), (128, 130, 138))
    houses = ((0.0, 0.44, (178, 92, 78)), (0.33, 0.3, (92, 112, 150)), (0.66, 0.5, (196, 160, 110)),
              (0.99, 0.36, (120, 92, 130)), (1.32, 0.48, (86, 128, 128)))  # fmt: skip
    for x, height, color in houses:
        left = x + shift - 0.06
        rectangle(shapes, left, HORIZON - height, left + 0.29, HORIZON, color)
        for row in range(2):
            for column in range(2):
                window, top = left + 0.05 + 0.11 * column, HORIZON - height + 0.06 + 0.13 * row
                rectangle(shapes, window, top, window + 0.075, top + 0.075, (255, 234, 150))
    rectangle(shapes, -FAR, 0.62, FAR, 0.65, (210, 212, 216))
    for number in range(-2, 6):
        left = number * 0.4 + shift
        rectangle(shapes, left, 0.95, left + 0.2, 0.98, (240, 240, 240))


def snowy_hill(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (176, 206, 236), (226, 236, 250))
    for x, height, width in ((0.35, 0.45, 0.55), (1.2, 0.38, 0.5)):
        left, peak = x + shift - width, HORIZON - height
        shapes.polygon([(left, HORIZON), (x + shift, peak), (x + shift + width, HORIZON)], (112, 136, 176))
        snow = [(x + shift - width * 0.3, peak + height * 0.3), (x + shift, peak),
                (x + shift + width * 0.3, peak + height * 0.3)]  # fmt: skip
        shapes.polygon(snow, (250, 252, 255))
    x = 1.33 + shift
    for level in range(3):
        y = HORIZON + 0.04 - 0.11 * level
        shapes.polygon([(x - 0.14 + 0.03 * level, y), (x + 0.14 - 0.03 * level, y), (x, y - 0.17)], (34, 104, 84))


def desert(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (254, 214, 140), (226, 150, 78))
    shapes.circle(1.22 + shift, 0.16, 0.1, (255, 248, 214))
    shapes.polygon([(0.55 + shift, HORIZON), (1.0 + shift, 0.3), (1.45 + shift, HORIZON)], (198, 118, 62))
    x, green = 0.2 + shift, (58, 134, 74)
    shapes.limb([(x, 0.26), (x, 0.68)], 0.09, green)
    shapes.limb([(x - 0.13, 0.33), (x - 0.13, 0.46), (x, 0.46)], 0.06, green)
    shapes.limb([(x + 0.13, 0.28), (x + 0.13, 0.4), (x, 0.4)], 0.06, green)


def night_field(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (24, 28, 84), (38, 88, 76))
    shapes.circle(1.24 + shift, 0.17, 0.11, (250, 244, 200))
    shapes.circle(1.29 + shift, 0.14, 0.09, (24, 28, 84))
    for x, y in ((0.15, 0.12), (0.42, 0.3), (0.62, 0.09), (0.88, 0.22), (0.3, 0.44), (1.02, 0.42)):
        shapes.circle(x + shift, y, 0.014, (250, 248, 220))
    shapes.polygon([(-FAR, HORIZON), (0.2 + shift, 0.53), (0.9 + shift, HORIZON)], (26, 62, 62))


def living_room(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (240, 212, 176), (170, 110, 70), 0.66)
    rectangle(shapes, -FAR, 0.63, FAR, 0.67, (255, 250, 240))
    rectangle(shapes, 0.1 + shift, 0.1, 0.46 + shift, 0.42, (255, 255, 255))
    rectangle(shapes, 0.13 + shift, 0.13, 0.27 + shift, 0.39, (130, 200, 245))
    rectangle(shapes, 0.29 + shift, 0.13, 0.43 + shift, 0.39, (130, 200, 245))
    rectangle(shapes, 1.0 + shift, 0.34, 1.5 + shift, 0.62, (70, 130, 130))
    rectangle(shapes, 0.94 + shift, 0.5, 1.56 + shift, 0.72, (52, 106, 108))
    rectangle(shapes, -FAR, 0.94, FAR, 2, (196, 60, 70))


def moon(shapes: Shapes, shift: float) -> None:
    sky_and_ground(shapes, (12, 12, 24), (178, 178, 186), 0.62)
    shapes.circle(0.24 + shift, 0.2, 0.14, (52, 126, 220))
    shapes.ellipse(0.2 + shift, 0.16, 0.06, 0.045, (90, 190, 100))
    shapes.ellipse(0.29 + shift, 0.25, 0.05, 0.035, (90, 190, 100))
    for x, y in ((0.5, 0.1), (0.75, 0.28), (0.98, 0.08), (1.18, 0.3), (1.38, 0.12), (0.55, 0.46)):
        shapes.circle(x + shift, y, 0.013, (255, 255, 255))
    for x, y, size in ((0.1, 0.72, 0.11), (1.36, 0.75, 0.13), (0.8, 0.97, 0.14)):
        shapes.ellipse(x + shift, y, size, size * 0.3, (138, 138, 148))


PAINTERS: dict[str, Callable[[Shapes, float], None]] = {
    "in the park": park,
    "on the beach": beach,
    "in the city": city,
    "on a snowy hill": snowy_hill,
    "in the desert": desert,
    "in a field at night": night_field,
    "in the living room": living_room,
    "on the moon": moon,
}

# What a shadow on the ground looks like.
SHADOWS: dict[str, Color] = {
    "in the park": (78, 156, 70),
    "on the beach": (214, 172, 92),
    "in the city": (98, 100, 108),
    "on a snowy hill": (188, 204, 228),
    "in the desert": (190, 120, 58),
    "in a field at night": (24, 62, 56),
    "in the living room": (132, 82, 52),
    "on the moon": (136, 136, 146),
}


def background(scene: str, draw: random.Random) -> Shapes:
    """The place, seen from slightly different spots."""
    shapes = Shapes()
    PAINTERS[scene](shapes, draw.uniform(-0.06, 0.06))
    return shapes
