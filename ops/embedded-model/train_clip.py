"""Trains a small CLIP on single frames of rendered clips with their scene, action and joined prompts.

    python ops/embedded-model/train_clip.py [--judge 1] [--steps 1300] [--state DIR]

The first one goes into the model folder and steers; `--judge 1` trains another, of another seed and architecture, that
only judges what the first one has steered.
"""

import json
import random

import numpy
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

import byte_pairs
import prompts
import state
import world

POSITIONS = 77
CLIPS, FRAMES_EACH = 3000, 4
BATCH, RATE, WARM_UP = 96, 1e-3, 100
REPORT_EVERY = 50
HELD_OUT_CLIPS = 200


def architecture(judge: bool, vocabulary: int) -> dict:
    width, side, patch = (96, 80, 10) if judge else (128, 96, 12)
    tower = {"hidden_size": width, "intermediate_size": 3 * width if judge else 2 * width, "num_attention_heads": 4}
    text = tower | {
        "num_hidden_layers": 2, "vocab_size": vocabulary, "max_position_embeddings": POSITIONS,
        "hidden_act": "gelu" if judge else "quick_gelu", "bos_token_id": vocabulary - 2,
        "eos_token_id": vocabulary - 1, "pad_token_id": vocabulary - 1,
    }  # fmt: skip
    vision = tower | {
        "num_hidden_layers": 5 if judge else 4, "image_size": side, "patch_size": patch,
        "hidden_act": "gelu" if judge else "quick_gelu",
    }  # fmt: skip
    return {"text_config": text, "vision_config": vision, "projection_dim": 96 if judge else 64}


def preprocessor(side: int) -> dict:
    """The whole frame is squeezed into a square: a crop would lose who stands at its side."""
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True, "size": {"height": side, "width": side}, "resample": 3,
        "do_center_crop": True, "crop_size": {"height": side, "width": side},
        "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
    }  # fmt: skip


def squeezed(frame: numpy.ndarray, side: int) -> numpy.ndarray:
    return numpy.asarray(Image.fromarray(frame).resize((side, side), Image.Resampling.BICUBIC))


def normalised(frames: numpy.ndarray) -> torch.Tensor:
    """Bytes `[B, S, S, 3]` to what the tower takes."""
    return torch.from_numpy(frames).movedim(-1, 1).float() / 127.5 - 1


def rendered(side: int, kind: str, count: int, held_out: bool | None) -> tuple[numpy.ndarray, list[world.Labels]]:
    """Bytes `[count, FRAMES_EACH, S, S, 3]` of frames from all parts of each clip, and the clips' labels."""
    frames, labels = [], []
    for number in range(count):
        chance = random.Random(f"{kind}/frames/{number}")
        step = world.FRAMES // FRAMES_EACH
        picks = [part * step + chance.randrange(step) for part in range(FRAMES_EACH)]
        clip = world.sample(f"{kind}/{number}", held_out, frames=picks)
        frames.append([squeezed(frame, side) for frame in clip.frames])
        labels.append(clip.labels)
    return numpy.array(frames), labels


def described(labels: world.Labels, chance: random.Random) -> list[str]:
    """A scene prompt, an action prompt and both."""
    scene = prompts.scene_prompt(labels.scene, labels.character, labels.partner, chance)
    action = prompts.action_prompt(labels.action, labels.character, labels.partner, chance)
    return [scene, action, prompts.joined(scene, action)]


def fits(kind: int, mine: world.Labels, other: world.Labels) -> bool:
    """Whether a prompt of one clip also describes another; kinds as in `described`."""
    cast = (mine.character, mine.partner) == (other.character, other.partner)
    return cast and (kind == 1 or mine.scene == other.scene) and (kind == 0 or mine.action == other.action)


def worn(images: torch.Tensor) -> torch.Tensor:
    """Some of the images blurred, dimmed or noisy, as a preview of unfinished latents is."""
    images = images.clone()
    for index in range(len(images)):
        if torch.rand(()) < 0.3:
            factor = int(torch.randint(2, 5, ()))
            small = torch.nn.functional.avg_pool2d(images[index : index + 1], factor)
            images[index] = torch.nn.functional.interpolate(small, images.shape[-2:], mode="bilinear")[0]
        images[index] *= 0.7 + 0.35 * torch.rand(())
    return images + 0.06 * torch.randn_like(images)


class Texts:
    """Prompts as token ids, each text once."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        self.tokenizer = tokenizer
        self.known: dict[str, list[int]] = {}

    def __call__(self, texts: list[str]) -> torch.Tensor:
        for text in texts:
            if text not in self.known:
                self.known[text] = self.tokenizer(text, truncation=True, max_length=POSITIONS)["input_ids"]
        length = max(len(self.known[text]) for text in texts)
        end = self.tokenizer.eos_token_id
        return torch.tensor([self.known[text] + [end] * (length - len(self.known[text])) for text in texts])


def embedded(model: CLIPModel, texts: Texts | None, content) -> torch.Tensor:
    features = model.get_text_features(texts(content)) if texts else model.get_image_features(content)
    return torch.nn.functional.normalize(features.pooler_output, dim=-1)


def contrastive(similarity: torch.Tensor, matches: torch.Tensor) -> torch.Tensor:
    """Cross entropy to all that match alike, both ways."""
    rows = matches / matches.sum(1, keepdim=True)
    columns = (matches / matches.sum(0, keepdim=True)).T
    cross_entropy = torch.nn.functional.cross_entropy
    return (cross_entropy(similarity, rows) + cross_entropy(similarity.T, columns)) / 2


@torch.no_grad()
def retrieval(model: CLIPModel, texts: Texts, frames: numpy.ndarray, labels: list[world.Labels]) -> dict[str, float]:
    """How often a clip's frames are closest, on average, to the prompt that describes it, among all clips' prompts."""
    count, each = frames.shape[:2]
    images = embedded(model, None, normalised(frames.reshape(-1, *frames.shape[2:]))).view(count, each, -1)
    described_usually = [described(label, _Usual()) for label in labels]
    figures = {}
    for kind, name in enumerate(("scene", "action", "joined")):
        distinct = sorted({texts_of[kind] for texts_of in described_usually})
        similarity = torch.einsum("cfd,td->cft", images, embedded(model, texts, distinct))
        right = torch.tensor([distinct.index(texts_of[kind]) for texts_of in described_usually])
        figures[name] = (similarity.mean(1).argmax(-1) == right).float().mean().item()
        figures[f"{name} of one frame"] = (similarity.argmax(-1) == right[:, None]).float().mean().item()
        figures[f"{name} prompts"] = len(distinct)
    return figures


class _Usual(random.Random):
    """Chance that always chooses the usual phrasing."""

    def random(self) -> float:
        return 0.0


def main() -> None:
    options = state.arguments(__doc__, steps=1300, judge=0).parse_args()
    torch.set_num_threads(options.threads)
    folder = options.state / ("clip-judge" if options.judge else "clip")
    log = state.Log(folder / "log.jsonl")
    vocabulary = byte_pairs.write(folder / "trained", prompts.corpus(world.SCENES, world.CHARACTERS), POSITIONS)
    config = architecture(bool(options.judge), vocabulary)
    side = config["vision_config"]["image_size"]
    torch.manual_seed(100 + options.judge)
    model = CLIPModel(CLIPConfig(**config, logit_scale_init_value=2.66))
    texts = Texts(CLIPTokenizer.from_pretrained(folder / "trained"))
    optimizer = torch.optim.AdamW(model.parameters(), RATE, betas=(0.9, 0.98), weight_decay=0.05)
    step, clock = 0, state.Clock()
    if found := state.load(folder / "checkpoint.pt"):
        model.load_state_dict(found["model"])
        optimizer.load_state_dict(found["optimizer"])
        step, clock = found["step"], state.Clock(found["seconds"])

    def save() -> None:
        state.save(folder / "checkpoint.pt", {
            "model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "seconds": clock.seconds,
        })  # fmt: skip

    frames, labels = rendered(side, f"clip{options.judge}", CLIPS, False)
    recent = []
    while step < options.steps:
        torch.manual_seed(step)
        chance = random.Random(f"clip{options.judge}/{step}")
        rate = RATE * min(1, (step + 1) / WARM_UP) * min(1, max(0.01, (1 - step / options.steps) / 0.7))
        for group in optimizer.param_groups:
            group["lr"] = rate
        picks = chance.sample(range(CLIPS), BATCH)
        images = worn(normalised(numpy.stack([frames[pick, chance.randrange(FRAMES_EACH)] for pick in picks])))
        drawn = [described(labels[pick], chance) for pick in picks]
        kinds = range(3)
        with state.autocast():
            seen = embedded(model, None, images)
            read = embedded(model, texts, [texts_of[kind] for kind in kinds for texts_of in drawn])
        similarity = model.logit_scale.exp() * seen.float() @ read.float().T
        loss = torch.zeros(())
        for kind, part in zip(kinds, similarity.chunk(3, dim=1)):
            matches = [[float(fits(kind, labels[b], labels[a])) for b in picks] for a in picks]
            loss = loss + contrastive(part, torch.tensor(matches)) / 3
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=4.6052)
        step += 1
        recent.append(loss.item())
        if step % REPORT_EVERY == 0:
            log(step=step, seconds=clock.seconds, loss=sum(recent) / len(recent), scale=model.logit_scale.item())
            recent = []
        if clock.is_time_to_save():
            save()
    save()
    model.eval()
    model.save_pretrained(folder / "trained")
    (folder / "trained" / "preprocessor_config.json").write_text(json.dumps(preprocessor(side), indent=2) + "\n")
    for name, held_out in (("seen combinations", False), ("held-out combinations", True)):
        log(clips=name, **retrieval(model, texts, *rendered(side, f"test/{name}", HELD_OUT_CLIPS, held_out)))


if __name__ == "__main__":
    main()
