"""What a story's script asks for in the world's terms, and what the probe sees in its video."""

import pathlib
import sys

import av
import numpy
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "embedded-model"))

import prompts
import train_probe
import world


def labels(scene: str, action: str) -> world.Labels:
    """The place, the characters and the action that a pair of prompts in the usual phrasing means."""
    place = next(place for place in world.SCENES if scene.endswith(place))
    for name, phrasings in prompts.ACTIONS.items():
        for who in world.CHARACTERS:
            for other in world.CHARACTERS:
                if action == phrasings[0].format(who=who, other=other):
                    return world.Labels(place, who, name, other if "{other}" in phrasings[0] else None)
    raise ValueError(f"not in the world's words: {action}")


def frames(path: pathlib.Path) -> numpy.ndarray:
    """Bytes `[F, H, W, 3]`."""
    with av.open(str(path)) as file:
        return numpy.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])


def small(clip: numpy.ndarray) -> numpy.ndarray:
    """At the size that the probe takes."""
    return clip if clip.shape[1] == 64 else train_probe.halved(clip)


@torch.no_grad()
def seen(probe: train_probe.Probe, shown: numpy.ndarray, asked: list[world.Labels]) -> list[dict[str, bool]]:
    """By segment: what of it the probe recognises, and whether its first frames show the place that it asks for.

    The first frames are 1 to 3, each judged as a clip that stands still: frame 0 is where blending may keep the place
    before.
    """
    clips = shown.reshape(len(asked), -1, *shown.shape[1:])
    result = []
    for clip, label in zip(clips, asked):
        answers = train_probe.answers(probe, small(clip[:: train_probe.STRIDE])[None])
        right = train_probe.targets([label])
        stills = numpy.stack([numpy.repeat(small(frame[None]), 13, axis=0) for frame in clip[1:4]])
        places = train_probe.answers(probe, stills)["scene"]
        result.append({
            "scene": bool(answers["scene"] == right["scene"]),
            "characters": bool(answers["character"] == right["character"])
            and bool(answers["partner"] == right["partner"]),
            "action": bool(answers["action"] == right["action"]),
            "entry": (places == right["scene"]).float().mean().item(),
        })  # fmt: skip
    return result
