"""The rows of the ablation: a name and what `storyfarm-worker story` is told beside the story."""

PLAIN = ["--without", "weighting,blending,sar"]


def _set(*values: str) -> list[str]:
    return [word for value in values for word in ("--set", value)]


# γ counts per step: in 32 steps 0.2 does what the model's 0.1 does in 64.
BLENDED = _set("blending.gamma=0.2")

# The shape of the paper's table 1, for 32 steps. Everything else is as the model recommends.
TABLE: dict[str, list[str]] = {
    "full": BLENDED,
    "without DIPW": ["--without", "weighting", *BLENDED],
    "without TWB": ["--without", "blending"],
    "without SAR": ["--without", "sar", *BLENDED],
    "plain, joined prompts": PLAIN,
    "plain, scene prompt": ["--without", "blending,sar", *_set("weighting.prompt=scene")],
    "plain, action prompt": ["--without", "blending,sar", *_set("weighting.prompt=action")],
}

GAMMAS = [0.2, 0.4]


def _grid() -> dict[str, list[str]]:
    rows = {}
    for handoff in ("stream", "final"):
        for space in ("latent", "denoised"):
            # A finished boundary is blended into noisy latents only once, whatever the strength is.
            strengths = ["step"] if (handoff, space) == ("final", "latent") else ["step", "path"]
            for strength in strengths:
                for gamma in GAMMAS:
                    rows[f"{handoff} {space} {strength} γ={gamma}"] = _set(
                        f"blending.handoff={handoff}", f"blending.space={space}", f"blending.strength={strength}",
                        f"blending.gamma={gamma}")  # fmt: skip
    return rows


def _blend(*values: str) -> list[str]:
    return _set(*(f"blending.{value}" for value in values))


# Hand-off, space, strength and γ against each other; then what should not help if the idea is right.
GRID = _grid() | {
    "once γ=0.4": _blend("handoff=stream", "space=latent", "strength=once", "gamma=0.4"),
    "once γ=0.45": _blend("handoff=stream", "space=latent", "strength=once", "gamma=0.45"),
    "stream denoised step γ=0.4 until 0.9": _blend("strength=step", "space=denoised", "gamma=0.4", "until=0.9"),
    "stream denoised step γ=0.4 until 0.5": _blend("strength=step", "space=denoised", "gamma=0.4", "until=0.5"),
}

# Whether blending should look at places before it draws frame 0 towards the old one.
GATES = {
    f"{gate} gate, {pairing} γ={gamma}": _set(f"sar.gate={gate}", f"sar.pairing={pairing}", f"blending.gamma={gamma}")
    for gate in ("none", "scene")
    for pairing in ("within", "across")
    for gamma in (0.2, 0.4)
}

# For the 64 steps that are usual.
USUAL = {f"γ={gamma}": _blend(f"gamma={gamma}") for gamma in (0.1, 0.2)} | {"without TWB": ["--without", "blending"]}

GROUPS = {"table": TABLE, "grid": GRID, "gates": GATES, "usual": USUAL}
