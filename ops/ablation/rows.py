"""The rows of the ablation: a name and what `storyfarm-worker story` is told beside the story."""

PLAIN = ["--without", "weighting,blending,sar"]


def _set(*values: str) -> list[str]:
    return [word for value in values for word in ("--set", value)]


# The shape of the paper's table 1. Everything else is as the model recommends.
TABLE: dict[str, list[str]] = {
    "full": [],
    "without DIPW": ["--without", "weighting"],
    "without TWB": ["--without", "blending"],
    "without SAR": ["--without", "sar"],
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

GROUPS = {"table": TABLE, "grid": GRID, "gates": GATES}
