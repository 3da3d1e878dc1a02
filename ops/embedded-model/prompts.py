"""How a clip is described: a scene prompt and an action prompt, each in several phrasings.

The first phrasing of each is the usual one, which stories are written in.
"""

import random

SCENE_ALONE = ["{who} is {place}", "{who} {place}", "there is {who} {place}", "{place} there is {who}"]
SCENE_TOGETHER = ["{who} and {other} are {place}", "{who} is {place}", "{who} is {place} with {other}"]

ACTIONS: dict[str, list[str]] = {
    "walk right": ["{who} is walking to the right", "{who} walks to the right"],
    "walk left": ["{who} is walking to the left", "{who} walks to the left"],
    "run right": ["{who} is running to the right", "{who} runs to the right"],
    "run left": ["{who} is running to the left", "{who} runs to the left"],
    "jump": ["{who} is jumping", "{who} is jumping up and down", "{who} jumps"],
    "sit": ["{who} is sitting", "{who} is sitting on the ground", "{who} sits"],
    "sleep": ["{who} is sleeping", "{who} is taking a nap", "{who} sleeps"],
    "wave": ["{who} is waving", "{who} is waving hello", "{who} waves"],
    "dance": ["{who} is dancing", "{who} dances"],
    "kick ball": ["{who} is kicking a red ball", "{who} kicks a red ball", "{who} is kicking a ball"],
    "fly kite": ["{who} is flying a kite", "{who} flies a kite"],
    "hold balloon": ["{who} is holding a purple balloon", "{who} holds a purple balloon", "{who} has a balloon"],
    "greet": ["{who} is greeting {other}", "{who} greets {other}", "{who} is meeting {other}"],
    "chase": ["{who} is chasing {other}", "{who} chases {other}", "{who} is running after {other}"],
    "pass ball": ["{who} is passing a red ball to {other}", "{who} passes a ball to {other}",
                  "{who} is throwing a red ball to {other}"],
}  # fmt: skip

# How often the usual phrasing is drawn.
USUAL = 0.5


def phrase(choices: list[str], chance: random.Random, **words: str) -> str:
    chosen = choices[0] if chance.random() < USUAL else chance.choice(choices)
    return chosen.format(**words)


def scene_prompt(scene: str, who: str, other: str | None, chance: random.Random) -> str:
    return phrase(SCENE_TOGETHER if other else SCENE_ALONE, chance, who=who, other=other or "", place=scene)


def action_prompt(action: str, who: str, other: str | None, chance: random.Random) -> str:
    return phrase(ACTIONS[action], chance, who=who, other=other or "")


def joined(scene: str, action: str) -> str:
    """Both, as a story's `weighting: off` joins them."""
    return f"{scene}. {action}"


def corpus(scenes: list[str], characters: list[str]) -> list[str]:
    """Every text that can be drawn with any one place and pair, without repetition."""
    texts = set()
    for who in characters:
        for other in characters:
            if other == who:
                continue
            for choices in [SCENE_ALONE, SCENE_TOGETHER]:
                texts |= {c.format(who=who, other=other, place=place) for c in choices for place in scenes}
            texts |= {c.format(who=who, other=other) for choices in ACTIONS.values() for c in choices}
    return sorted(texts)
