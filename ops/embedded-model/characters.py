"""The inhabitants of the cartoon world: one body for all, with heads and colours that are easily told apart.

A figure is 1 long from its feet at (0, 0) to the top of its skull at (0, -1), and upright.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from drawing import Color, Shapes

BLACK, WHITE = (24, 22, 26), (252, 250, 246)
HEAD, HEAD_RADIUS = -0.73, 0.26
ARM, ARM_WIDTH = 0.31, 0.1


@dataclass
class Pose:
    """How a figure stands. Angles of limbs: 0 hangs down, positive swings to the right, π points up."""

    x: float
    y: float
    scale: float
    # -1 looks to the left, 1 to the right, 0 at us.
    facing: int = 0
    turn: float = 0
    squash: float = 1
    arms: tuple[float, float] = (-0.35, 0.35)
    legs: tuple[float, float] = (0, 0)
    # 1 is standing; less shortens the legs, as when they point at us.
    leg_length: float = 1
    head_turn: float = 0
    asleep: bool = False


@dataclass(frozen=True)
class Look:
    skin: Color
    body: Color
    belly: Color
    arms: Color
    legs: Color
    feet: Color
    head: Callable[[Shapes, "Look", Pose], None]
    tail: Callable[[Shapes, "Look", int], None] | None = None
    skirt: bool = False
    extra: dict[str, Color] = field(default_factory=dict)


def draw(shapes: Shapes, name: str, pose: Pose) -> None:
    """Adds a figure to the shapes."""
    look = LOOKS[name]
    shapes.place(pose.x, pose.y, pose.scale, pose.turn, pose.squash)
    hip = -0.06 - 0.2 * pose.leg_length
    side = pose.facing != 0
    spread = 0.03 if side else 0.1
    far, near = (0, 1) if pose.facing <= 0 else (1, 0)
    if look.tail and not pose.asleep:
        look.tail(shapes, look, pose.facing)
    if side:
        limb(shapes, look.arms, look.arms, shoulder(pose, far), pose.arms[far], ARM, ARM_WIDTH)
    for index in (far, near):
        x = spread if index else -spread
        end = limb(shapes, look.legs, None, (x, hip), pose.legs[index], 0.2 * pose.leg_length, 0.125)
        shapes.ellipse(end[0] + 0.035 * pose.facing, end[1], 0.1, 0.065, look.feet)
    if look.skirt:
        skirt = [(-0.1, hip - 0.26), (0.1, hip - 0.26), (0.24, hip + 0.06), (-0.24, hip + 0.06)]
        shapes.polygon(skirt, look.body)
    else:
        shapes.ellipse(0, hip - 0.12, 0.185, 0.19, look.body)
        shapes.ellipse(0.05 * pose.facing, hip - 0.07, 0.11, 0.13, look.belly)
    body = shapes.matrix
    # The head follows where the legs are short.
    c, s = math.cos(pose.turn), math.sin(pose.turn)
    lift = (hip + 0.26) * pose.scale * pose.squash
    shapes.place(pose.x - s * lift, pose.y + c * lift, pose.scale, pose.turn, pose.squash)
    neck = shapes.point(0.05 * pose.facing, HEAD + HEAD_RADIUS)
    shapes.place(neck[0], neck[1], pose.scale, pose.turn + pose.head_turn, pose.squash)
    look.head(shapes, look, pose)
    # In front of the head, so that a raised arm is seen.
    shapes.matrix = body
    for index in [near] if side else [0, 1]:
        limb(shapes, look.arms, look.arms, shoulder(pose, index), pose.arms[index], ARM, ARM_WIDTH)


def shoulder(pose: Pose, index: int) -> tuple[float, float]:
    x = 0.05 * pose.facing if pose.facing else (0.14 if index else -0.14)
    return (x, -0.26 - 0.2 * pose.leg_length)


def limb(
    shapes: Shapes, color: Color, end: Color | None, start: tuple[float, float], angle: float, length: float,
    width: float,
) -> tuple[float, float]:  # fmt: skip
    """Draws a limb and returns where it ends."""
    tip = (start[0] + math.sin(angle) * length, start[1] + math.cos(angle) * length)
    shapes.limb([start, tip], width, color)
    if end:
        shapes.circle(*tip, width * 0.62, end)
    return tip


def hand(pose: Pose, index: int) -> tuple[float, float]:
    """Where a hand is, in frame heights; only for figures that stand upright."""
    x, y = shoulder(pose, index)
    x, y = x + math.sin(pose.arms[index]) * ARM, y + math.cos(pose.arms[index]) * ARM
    return (pose.x + pose.scale * x, pose.y + pose.scale * y * pose.squash)


# Heads: drawn around the neck at (0, 0); the skull's centre is at (0, -HEAD_RADIUS).


def eyes(shapes: Shapes, pose: Pose, color: Color = BLACK, size: float = 0.042, y: float = -0.27) -> None:
    shift = 0.09 * pose.facing
    for x in (-0.1, 0.1):
        if pose.asleep:
            shapes.limb([(x + shift - 0.045, y), (x + shift, y + 0.02), (x + shift + 0.045, y)], 0.028, color)
        else:
            shapes.ellipse(x + shift, y, size * 0.9, size * 1.2, color)


def skull(shapes: Shapes, color: Color) -> None:
    shapes.ellipse(0, -HEAD_RADIUS, 0.3, HEAD_RADIUS, color)


def corgi_head(shapes: Shapes, look: Look, pose: Pose) -> None:
    for side in (-1, 1):
        outer = [(side * 0.29, -0.3), (side * 0.27, -0.68), (side * 0.05, -0.46)]
        shapes.polygon(outer, look.skin)
        shapes.polygon([(side * 0.24, -0.38), (side * 0.24, -0.58), (side * 0.12, -0.45)], (250, 190, 170))
    skull(shapes, look.skin)
    shift = 0.09 * pose.facing
    shapes.polygon([(shift - 0.035, -0.5), (shift + 0.035, -0.5), (shift + 0.07, -0.15), (shift - 0.07, -0.15)], WHITE)
    shapes.ellipse(shift * 1.2, -0.12, 0.16, 0.11, WHITE)
    eyes(shapes, pose)
    shapes.ellipse(shift * 1.5, -0.17, 0.055, 0.04, BLACK)


def cat_head(shapes: Shapes, look: Look, pose: Pose) -> None:
    dark = look.extra["points"]
    for side in (-1, 1):
        shapes.polygon([(side * 0.3, -0.25), (side * 0.29, -0.64), (side * 0.04, -0.46)], dark)
    skull(shapes, look.skin)
    shift = 0.09 * pose.facing
    shapes.ellipse(shift, -0.2, 0.19, 0.17, dark)
    eyes(shapes, pose, (90, 196, 255) if not pose.asleep else WHITE, 0.05)
    shapes.ellipse(shift * 1.5, -0.17, 0.035, 0.025, (255, 170, 170))


def panda_head(shapes: Shapes, look: Look, pose: Pose) -> None:
    for side in (-1, 1):
        shapes.circle(side * 0.24, -0.46, 0.11, BLACK)
    skull(shapes, look.skin)
    shift = 0.09 * pose.facing
    for side in (-1, 1):
        shapes.ellipse(shift + side * 0.11, -0.25, 0.075, 0.1, BLACK, side * 0.4)
    eyes(shapes, pose, WHITE, 0.034)
    shapes.ellipse(shift * 1.4, -0.13, 0.05, 0.035, BLACK)


def rabbit_head(shapes: Shapes, look: Look, pose: Pose) -> None:
    for side in (-1, 1):
        shapes.ellipse(side * 0.13, -0.64, 0.085, 0.22, look.skin, side * 0.15)
        shapes.ellipse(side * 0.135, -0.64, 0.04, 0.15, look.extra["inner"], side * 0.15)
    skull(shapes, look.skin)
    shift = 0.09 * pose.facing
    shapes.ellipse(shift * 1.2, -0.12, 0.13, 0.09, WHITE)
    eyes(shapes, pose)
    shapes.ellipse(shift * 1.4, -0.17, 0.04, 0.03, (196, 40, 90))


def girl_head(shapes: Shapes, look: Look, pose: Pose) -> None:
    hair = look.extra["hair"]
    for side in (-1, 1):
        shapes.ellipse(side * 0.32, -0.12, 0.1, 0.2, hair, side * -0.2)
    shapes.ellipse(0, -0.3, 0.32, 0.27, hair)
    shift = 0.08 * pose.facing
    shapes.ellipse(shift * 0.7, -0.21, 0.24, 0.2, look.skin)
    shapes.ellipse(shift * 0.4, -0.42, 0.24, 0.11, hair)
    eyes(shapes, pose, y=-0.24)
    smile(shapes, shift)


def boy_head(shapes: Shapes, look: Look, pose: Pose) -> None:
    cap = look.extra["cap"]
    for side in (-1, 1):
        shapes.circle(side * 0.28, -0.23, 0.06, look.skin)
    skull(shapes, look.skin)
    shapes.polygon([(-0.31, -0.33), (-0.27, -0.46), (-0.15, -0.55), (0.15, -0.55), (0.27, -0.46), (0.31, -0.33)], cap)
    brim = 0.3 * pose.facing
    shapes.limb([(brim - 0.1, -0.335), (brim + 0.1, -0.335)], 0.07, look.extra["brim"])
    eyes(shapes, pose, y=-0.22)
    smile(shapes, 0.08 * pose.facing)


def smile(shapes: Shapes, shift: float) -> None:
    mouth = [(shift - 0.06, -0.11), (shift, -0.085), (shift + 0.06, -0.11)]
    shapes.limb(mouth, 0.028, (176, 50, 50))


def short_tail(shapes: Shapes, look: Look, facing: int) -> None:
    shapes.circle(-0.2 * facing if facing else 0.17, -0.27, 0.07, WHITE)


def long_tail(shapes: Shapes, look: Look, facing: int) -> None:
    way = -facing if facing else 1
    curve = [(way * 0.1, -0.22), (way * 0.28, -0.24), (way * 0.36, -0.38), (way * 0.34, -0.54)]
    shapes.limb(curve, 0.075, look.extra["points"])


_ORANGE, _CREAM, _BROWN = (236, 140, 44), (244, 232, 208), (92, 64, 52)
_PINK, _PEACH, _TAN = (244, 150, 184), (255, 216, 182), (158, 104, 70)

LOOKS: dict[str, Look] = {
    "a corgi dog": Look(_ORANGE, _ORANGE, WHITE, _ORANGE, _ORANGE, WHITE, corgi_head, short_tail),
    "a siamese cat": Look(
        _CREAM, _CREAM, _CREAM, _BROWN, _BROWN, _BROWN, cat_head, long_tail, extra={"points": _BROWN}),
    "a panda": Look(WHITE, WHITE, WHITE, BLACK, BLACK, BLACK, panda_head),
    "a pink rabbit": Look(
        _PINK, _PINK, WHITE, _PINK, _PINK, _PINK, rabbit_head, short_tail, extra={"inner": (255, 206, 220)}),
    "a girl in a red dress": Look(
        _PEACH, (222, 36, 48), (222, 36, 48), _PEACH, _PEACH, (60, 40, 50), girl_head, skirt=True,
        extra={"hair": (54, 32, 28)}),
    "a boy in a blue shirt": Look(
        _TAN, (44, 96, 220), (44, 96, 220), _TAN, (70, 62, 80), (240, 240, 240), boy_head,
        extra={"cap": (250, 204, 40), "brim": (226, 168, 20)}),
}  # fmt: skip
