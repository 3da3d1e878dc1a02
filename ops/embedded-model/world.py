"""The procedural cartoon world: a seed gives a clip, its labels and its prompts.

    python ops/embedded-model/world.py SHEET.png [--width 192] [--seed N]

draws a contact sheet: a row per action, places and characters taking turns.
"""

import argparse
import random
import time
from dataclasses import dataclass, field

import numpy
from PIL import Image

import actions
import characters
import prompts
import scenes
from drawing import Shapes, Stage

SCENES = list(scenes.PAINTERS)
CHARACTERS = list(characters.LOOKS)
ACTIONS = list(actions.MOVES)
FRAMES = actions.FRAMES

# Never seen in training: whether the model composes what it has learned is judged by these.
HELD_OUT_ACTIONS = {
    ("a corgi dog", "dance"), ("a siamese cat", "kick ball"), ("a panda", "run left"), ("a pink rabbit", "fly kite"),
    ("a girl in a red dress", "sleep"), ("a boy in a blue shirt", "sit"),
}  # fmt: skip
HELD_OUT_SCENES = {
    ("a corgi dog", "on the moon"), ("a siamese cat", "in the desert"), ("a panda", "on the beach"),
    ("a pink rabbit", "in the city"), ("a girl in a red dress", "in the park"),
    ("a boy in a blue shirt", "in a field at night"),
}  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """What is to be seen in a clip."""

    scene: str
    character: str
    action: str
    # Who else is there, for the actions of two.
    partner: str | None = None

    @property
    def is_held_out(self) -> bool:
        cast = [self.character] + ([self.partner] if self.partner else [])
        return any((who, self.action) in HELD_OUT_ACTIONS or (who, self.scene) in HELD_OUT_SCENES for who in cast)

    @staticmethod
    def drawn(chance: random.Random, held_out: bool | None = False) -> "Labels":
        """Any of the combinations in training; of those held out if `held_out` is true, of all if it is None."""
        while True:
            who, other = chance.sample(CHARACTERS, 2)
            action = chance.choice(ACTIONS)
            labels = Labels(chance.choice(SCENES), who, action, other if action in actions.SHARED else None)
            if held_out is None or labels.is_held_out == held_out:
                return labels


@dataclass
class Clip:
    labels: Labels
    scene_prompt: str
    action_prompt: str
    # Bytes `[frames, height, width, 3]`.
    frames: numpy.ndarray = field(repr=False)
    # The same without anyone, `[height, width, 3]`.
    background: numpy.ndarray = field(repr=False)


def render(
    labels: Labels, seed: int | str, width: int = 192, height: int = 128, frames: range = range(FRAMES)
) -> Clip:
    """Draws some frames of a clip; the seed decides where it happens and how it begins, not what is shown."""
    chance = random.Random(f"clip/{seed}")
    stage = Stage(scenes.background(labels.scene, chance), width, height)
    cast = [labels.character] + ([labels.partner] if labels.partner else [])
    performance = actions.Performance.improvised(cast, scenes.SHADOWS[labels.scene], chance)
    scene_prompt = prompts.scene_prompt(labels.scene, labels.character, labels.partner, chance)
    action_prompt = prompts.action_prompt(labels.action, labels.character, labels.partner, chance)
    drawn = []
    for frame in frames:
        shapes = Shapes()
        actions.MOVES[labels.action](shapes, performance, frame)
        drawn.append(stage.frame(shapes))
    return Clip(labels, scene_prompt, action_prompt, numpy.stack(drawn), stage.small)


def sample(seed: int | str, held_out: bool | None = False, **size) -> Clip:
    """The clip of a seed; see `Labels.drawn` and `render`."""
    return render(Labels.drawn(random.Random(f"labels/{seed}"), held_out), seed, **size)


def contact_sheet(clips: list[numpy.ndarray], columns: int = 7) -> Image.Image:
    """A row per clip `[frames, height, width, 3]`, its frames evenly spaced in time."""
    rows = []
    for frames in clips:
        picks = [round(k * (len(frames) - 1) / (columns - 1)) for k in range(columns)]
        rows.append(numpy.concatenate([frames[pick] for pick in picks], axis=1))
    return Image.fromarray(numpy.concatenate(rows, axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    clips, started = [], time.process_time()
    for number, action in enumerate(ACTIONS):
        turn = number + arguments.seed
        who, other = CHARACTERS[turn % len(CHARACTERS)], CHARACTERS[(turn + 1) % len(CHARACTERS)]
        labels = Labels(SCENES[turn % len(SCENES)], who, action, other if action in actions.SHARED else None)
        clip = render(labels, turn, arguments.width, arguments.width * 2 // 3)
        print(f"{clip.scene_prompt} | {clip.action_prompt}")
        clips.append(clip.frames)
    print(f"{(time.process_time() - started) / len(clips) * 1000:.0f} ms a clip")
    contact_sheet(clips).save(arguments.sheet)


if __name__ == "__main__":
    main()
