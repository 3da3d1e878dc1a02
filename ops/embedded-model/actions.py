"""What the inhabitants do: for every action, how a moment of it is drawn.

Cycles last 6, 12 or 24 frames. A latent frame stands for 6, so that a motion looks alike in all of them.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from characters import Pose, draw, hand
from drawing import Color, Shapes

ASPECT = 1.5
# Size of a figure alone, and of each of two.
ALONE, TOGETHER = 0.56, 0.49
FRAMES = 25

RED, PURPLE, YELLOW, WHITE = (226, 32, 40), (150, 52, 200), (252, 208, 36), (252, 250, 246)


@dataclass
class Performance:
    """A cast, and everything that differs between two clips with the same prompts."""

    cast: list[str]
    shadow: Color
    start: float
    ground: float
    # 1 to the right, -1 to the left.
    way: int
    # Where in a cycle the clip begins, 0 to 1.
    phase: float

    @staticmethod
    def improvised(cast: list[str], shadow: Color, chance: random.Random) -> "Performance":
        return Performance(
            cast, shadow, chance.uniform(-1, 1), chance.uniform(0.885, 0.925), chance.choice([-1, 1]),
            chance.random())  # fmt: skip

    def cycle(self, frame: float, length: float) -> float:
        """Where in a cycle of so many frames, 0 to 1."""
        return (frame / length + self.phase) % 1

    def swing(self, frame: float, length: float) -> float:
        """-1 to 1."""
        return math.sin(2 * math.pi * self.cycle(frame, length))

    def middle(self) -> float:
        return ASPECT / 2 + 0.12 * self.start

    def cast_shadow(self, shapes: Shapes, x: float, scale: float, width: float = 0.26) -> None:
        shapes.place()
        shapes.ellipse(x, self.ground + 0.005, width * scale, 0.05 * scale, self.shadow)

    def show(self, shapes: Shapes, pose: Pose, who: int = 0, width: float = 0.26) -> None:
        self.cast_shadow(shapes, pose.x, pose.scale, width)
        draw(shapes, self.cast[who], pose)
        shapes.place()


def travel(shapes: Shapes, p: Performance, frame: int, way: int, runs: bool) -> None:
    distance, begin = (0.78, 0.36) if runs else (0.3, 0.6)
    x = begin + 0.06 * p.start + distance * frame / (FRAMES - 1)
    x = x if way > 0 else ASPECT - x
    p.show(shapes, stride(p, frame, x, way, runs, ALONE))


def stride(p: Performance, frame: int, x: float, way: int, runs: bool, scale: float) -> Pose:
    swing = p.swing(frame, 6 if runs else 12)
    lift = (0.05 if runs else 0.015) * abs(p.swing(frame, 6 if runs else 12)) * scale
    reach = 1.0 if runs else 0.5
    return Pose(
        x, p.ground - lift, scale, facing=way, turn=0.2 * way if runs else 0.03 * way,
        arms=(-reach * swing * 1.2, reach * swing * 1.2), legs=(reach * swing, -reach * swing),
        squash=1)  # fmt: skip


def walk_right(shapes: Shapes, p: Performance, frame: int) -> None:
    travel(shapes, p, frame, 1, False)


def walk_left(shapes: Shapes, p: Performance, frame: int) -> None:
    travel(shapes, p, frame, -1, False)


def run_right(shapes: Shapes, p: Performance, frame: int) -> None:
    travel(shapes, p, frame, 1, True)


def run_left(shapes: Shapes, p: Performance, frame: int) -> None:
    travel(shapes, p, frame, -1, True)


def jump(shapes: Shapes, p: Performance, frame: int) -> None:
    moment = p.cycle(frame, 12)
    air = min(1.0, max(0.0, (moment - 0.15) / 0.7))
    height = 4 * air * (1 - air)
    pose = Pose(
        p.middle(), p.ground - 0.24 * height, ALONE, squash=0.88 + 0.12 * min(1, 3 * height),
        arms=(-0.6 - 1.9 * height, 0.6 + 1.9 * height), legs=(-0.5 * height, 0.5 * height))  # fmt: skip
    p.show(shapes, pose, width=0.26 - 0.1 * height)


def sit(shapes: Shapes, p: Performance, frame: int) -> None:
    sway = p.swing(frame, 24)
    pose = Pose(
        p.middle(), p.ground, ALONE, arms=(-0.55, 0.55), legs=(-1.15, 1.15), leg_length=0.35,
        head_turn=0.1 * sway)  # fmt: skip
    p.show(shapes, pose, width=0.34)


def sleep(shapes: Shapes, p: Performance, frame: int) -> None:
    breath = 1 + 0.03 * p.swing(frame, 24)
    scale, x = ALONE * breath, p.middle()
    p.cast_shadow(shapes, x, ALONE, 0.62)
    pose = Pose(
        x - p.way * ALONE * 0.52, p.ground - 0.13, scale, turn=p.way * math.pi / 2, arms=(-0.3, 0.3),
        legs=(-0.1, 0.1), asleep=True)  # fmt: skip
    draw(shapes, p.cast[0], pose)
    rise = p.cycle(frame, 24)
    size = 0.05 + 0.04 * rise
    shapes.place(x + p.way * (0.3 + 0.05 * rise), p.ground - 0.38 - 0.2 * rise, size)
    shapes.limb([(-0.6, -0.7), (0.6, -0.7), (-0.6, 0.7), (0.6, 0.7)], 0.4, (104, 110, 236))


def wave(shapes: Shapes, p: Performance, frame: int) -> None:
    swing = p.swing(frame, 6)
    raised = 2.0 + 0.5 * swing
    arms = (-0.3, raised) if p.way > 0 else (-raised, 0.3)
    p.show(shapes, Pose(p.middle(), p.ground, ALONE, arms=arms, head_turn=0.08 * p.way))


def dance(shapes: Shapes, p: Performance, frame: int) -> None:
    swing = p.swing(frame, 12)
    hop = abs(p.swing(frame + 3, 12))
    pose = Pose(
        p.middle() + 0.07 * swing, p.ground - 0.04 * hop, ALONE, turn=0.2 * swing,
        arms=(-1.6 + 1.1 * swing, 1.6 + 1.1 * swing), legs=(-0.15 - 0.35 * swing, 0.15 - 0.35 * swing),
        head_turn=-0.25 * swing)  # fmt: skip
    p.show(shapes, pose)


def ball(shapes: Shapes, x: float, y: float, turn: float) -> None:
    shapes.place(x, y, 0.085, turn)
    shapes.circle(0, 0, 1, RED)
    shapes.limb([(-0.55, 0), (0.55, 0)], 0.45, WHITE)
    shapes.place()


def kick(shapes: Shapes, p: Performance, frame: int) -> None:
    x = ASPECT / 2 - p.way * (0.34 + 0.05 * p.start)
    moment = frame - 3 - 5 * p.phase
    # Back until the kick, then quickly forward, then down.
    angle = -0.7 * math.sin(min(1, (frame + 4) / (moment + frame + 9)) * 1.5) if moment < 0 else 1.3 * max(
        0, 1 - moment / 8)  # fmt: skip
    legs = (angle * p.way, 0) if p.way < 0 else (0, angle * p.way)
    arms = (-0.8 * angle * p.way, -0.8 * angle * p.way)
    p.show(shapes, Pose(x, p.ground, ALONE, facing=p.way, arms=arms, legs=legs, turn=-0.08 * angle * p.way))
    flown = max(0.0, moment)
    far = 0.2 + 0.042 * flown
    high = 0.32 * abs(math.sin(math.pi * flown / 12)) * (1 if flown < 12 else 0.5)
    p.cast_shadow(shapes, x + p.way * far, 0.3)
    ball(shapes, x + p.way * far, p.ground - 0.075 - high, p.way * flown * 0.5)


def fly_kite(shapes: Shapes, p: Performance, frame: int) -> None:
    swing = p.swing(frame, 12)
    x = ASPECT / 2 - p.way * (0.3 + 0.06 * p.start)
    raised = 2.0 + 0.2 * swing
    arms = (-0.3, raised) if p.way > 0 else (-raised, 0.3)
    pose = Pose(x, p.ground, ALONE, arms=arms, head_turn=0.12 * p.way)
    kite_x, kite_y = x + p.way * (0.62 + 0.06 * swing), 0.2 + 0.05 * p.swing(frame + 3, 12)
    p.show(shapes, pose)
    shapes.limb([hand(pose, 1 if p.way > 0 else 0), (kite_x, kite_y)], 0.014, WHITE)
    shapes.place(kite_x, kite_y, 0.15, p.way * (0.5 + 0.2 * swing))
    tail = [(0, 1.1), (0.25 * swing, 1.6), (-0.2 * swing, 2.1)]
    shapes.limb(tail, 0.16, RED)
    shapes.polygon([(0, -1), (0.75, 0), (0, 1.2), (-0.75, 0)], YELLOW)
    shapes.polygon([(0, -1), (0.75, 0), (0, 1.2)], PURPLE)
    shapes.place()


def hold_balloon(shapes: Shapes, p: Performance, frame: int) -> None:
    swing = p.swing(frame, 24)
    x = p.middle() - 0.1 * p.way
    raised = 1.9 + 0.12 * swing
    arms = (-0.3, raised) if p.way > 0 else (-raised, 0.3)
    pose = Pose(x, p.ground, ALONE, arms=arms)
    held = hand(pose, 1 if p.way > 0 else 0)
    balloon_x, balloon_y = held[0] + p.way * (0.12 + 0.05 * swing), 0.22 + 0.03 * p.swing(frame + 6, 24)
    p.show(shapes, pose)
    shapes.limb([held, (balloon_x, balloon_y + 0.12)], 0.014, WHITE)
    shapes.ellipse(balloon_x, balloon_y, 0.125, 0.15, PURPLE)
    shapes.polygon(
        [(balloon_x - 0.03, balloon_y + 0.18), (balloon_x, balloon_y + 0.13), (balloon_x + 0.03, balloon_y + 0.18)],
        PURPLE)  # fmt: skip
    shapes.ellipse(balloon_x - 0.045, balloon_y - 0.06, 0.025, 0.04, (214, 160, 240))


def greet(shapes: Shapes, p: Performance, frame: int) -> None:
    for who, (side, offset) in enumerate(((-1, 0.0), (1, 3.0))):
        way = -side
        x = ASPECT / 2 + side * (0.34 + 0.04 * p.start)
        raised = way * (1.95 + 0.45 * p.swing(frame + offset, 6))
        bow = way * 0.08 * (1 + p.swing(frame + offset, 12))
        pose = Pose(x, p.ground, TOGETHER, facing=way, turn=bow, arms=(raised, raised))
        p.show(shapes, pose, who)


def chase(shapes: Shapes, p: Performance, frame: int) -> None:
    # The one who is chased runs ahead.
    for who, ahead in ((1, 0.52), (0, 0.0)):
        x = 0.2 + 0.06 * p.start + ahead + 0.52 * frame / (FRAMES - 1)
        x = x if p.way > 0 else ASPECT - x
        p.show(shapes, stride(p, frame + 3 * who, x, p.way, True, TOGETHER), who)


def pass_ball(shapes: Shapes, p: Performance, frame: int) -> None:
    begin = 3 + 5 * p.phase
    flight = min(1.0, max(0.0, (frame - begin) / 12))
    spots = [ASPECT / 2 - 0.42 - 0.04 * p.start, ASPECT / 2 + 0.42 + 0.04 * p.start]
    for who, way in enumerate((1, -1)):
        # Arms go up to throw, and forward to catch.
        angle = 1.35 + (0.9 * math.sin(math.pi * flight) if who == 0 else 0.5 * (1 - flight))
        pose = Pose(spots[who], p.ground, TOGETHER, facing=way, arms=(way * angle, way * angle))
        p.show(shapes, pose, who)
    left, right = spots[0] + 0.24, spots[1] - 0.24
    x = left + (right - left) * flight
    y = p.ground - 0.27 - 0.42 * 4 * flight * (1 - flight)
    ball(shapes, x, y, 3 * flight)


MOVES: dict[str, Callable[[Shapes, Performance, int], None]] = {
    "walk right": walk_right,
    "walk left": walk_left,
    "run right": run_right,
    "run left": run_left,
    "jump": jump,
    "sit": sit,
    "sleep": sleep,
    "wave": wave,
    "dance": dance,
    "kick ball": kick,
    "fly kite": fly_kite,
    "hold balloon": hold_balloon,
    "greet": greet,
    "chase": chase,
    "pass ball": pass_ball,
}

# These have a partner.
SHARED = {"greet", "chase", "pass ball"}
