"""Trains the text encoder and the transformer together, by flow matching: first on small clips, then at full size.

    python ops/embedded-model/train_dit.py [--processes 2] [--coarse 6000] [--steps 30000] [--compile 1] [--state DIR]

Every process has one thread and its own samples; gradients are averaged. The same command continues, also with another
number of processes. Latents come from `encode.py`; those that are added later are taken up on the way.
"""

import datetime
import os
import random
import subprocess
import sys

import torch
import torch.distributed

import dit
import encode
import muon
import prompt_tokens
import prompts
import state
import world

# Samples of a step, all processes together.
COARSE_BATCH, BATCH = 32, 16
COARSE_WIDTH, WIDTH = 96, 192
# From --coarse on, every so many steps are of small clips still, so that the model goes on knowing them.
COARSE_EVERY = 5
# Of matrices inside blocks, by Muon; of everything else, by AdamW.
MATRIX_RATE, RATE, WARM_UP, COOL_DOWN = 1e-2, 1e-3, 200, 0.2
AVERAGE = 0.999
SHARES = {"empty": 0.1, "scene": 0.17, "action": 0.17, "joined": 0.3, "reversed": 0.06, "blended": 0.2}
REPORT_EVERY, RELOAD_EVERY = 50, 100


class Latents:
    """All encoded clips of a size, normalised, with their labels."""

    def __init__(self, state_folder, width: int) -> None:
        self.folder = encode.folder(state_folder, width)
        statistics = encode.statistics(state_folder)
        self.mean, self.std = (torch.tensor(statistics[key]).view(1, -1, 1, 1, 1) for key in ("mean", "std"))
        self.seen: set[str] = set()
        self.latents: list[torch.Tensor] = []
        self.labels: list[world.Labels] = []
        self.reload()

    def reload(self) -> None:
        for path in sorted(self.folder.glob("*.pt")):
            if path.name in self.seen:
                continue
            self.seen.add(path.name)
            shard = state.load(path)
            self.latents += ((shard["latents"].float() - self.mean) / self.std).half().unbind()
            self.labels += [world.Labels(**labels) for labels in shard["labels"]]

    def batch(self, count: int, chance: random.Random) -> tuple[torch.Tensor, list[tuple[str, str, float]]]:
        picks = [chance.randrange(len(self.latents)) for _ in range(count)]
        latents = torch.stack([self.latents[pick] for pick in picks]).float()
        return latents, [described(self.labels[pick], chance) for pick in picks]


def described(labels: world.Labels, chance: random.Random) -> tuple[str, str, float]:
    """Two prompts and the weight of the first one; mostly there is only one.

    Nothing, the scene, the action, both as one text, seldom in the other order, or both blended as the story method
    does it, which a small model would not understand without having met it.
    """
    scene = prompts.scene_prompt(labels.scene, labels.character, labels.partner, chance)
    action = prompts.action_prompt(labels.action, labels.character, labels.partner, chance)
    kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
    if kind == "blended":
        return scene, action, chance.uniform(0.15, 0.85)
    text = {
        "empty": "", "scene": scene, "action": action,
        "joined": prompts.joined(scene, action), "reversed": prompts.joined(action, scene),
    }[kind]  # fmt: skip
    return text, text, 1.0


def sigmas(count: int, is_coarse: bool) -> torch.Tensor:
    """Mostly where places and figures are decided: with more pixels, at more noise."""
    common = torch.sigmoid(torch.randn(count) * 1.1 + (0.5 if is_coarse else 0.9))
    anywhere = torch.rand(count)
    return torch.where(torch.rand(count) < 0.75, common, anywhere)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def matrices(modules: list[torch.nn.Module]) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """Parameters that Muon suits, and the others."""
    inner, others = [], []
    for module in modules:
        for name, parameter in module.named_parameters():
            is_inner = "block" in name and parameter.ndim == 2 and "norm" not in name and "bias" not in name
            (inner if is_inner else others).append(parameter)
    return inner, others


class Trainer:
    def __init__(self, options) -> None:
        self.options = options
        self.folder = options.state / "dit"
        self.log = state.Log(self.folder / f"log{options.rank or ''}.jsonl")
        tokenizer = self.folder / "tokenizer"
        if options.rank == 0 and not (tokenizer / "spiece.model").exists():
            prompt_tokens.train(tokenizer)
        self.tokens = prompt_tokens.PromptTokens(tokenizer)
        torch.manual_seed(0)
        self.text_encoder = dit.fresh_text_encoder(self.tokens.vocabulary)
        self.transformer = dit.attend_in_batches(dit.fresh_transformer())
        for block in self.transformer.transformer_blocks:
            # A quarter less time once the minute of compiling is paid; tensors of one shape, so that it is paid once.
            block.compile(dynamic=False, disable=not options.compile)
        self.modules = [self.text_encoder, self.transformer]
        inner, others = matrices(self.modules)
        self.optimizers = [
            muon.Muon(inner, MATRIX_RATE),
            torch.optim.AdamW(others, RATE, betas=(0.9, 0.98), weight_decay=0.01),
        ]
        self.parameters = inner + others
        self.average = state.Average(self.modules, AVERAGE)
        self.step, self.clock = 0, state.Clock()
        if found := state.load(self.folder / "checkpoint.pt"):
            for module, content in zip(self.modules, found["modules"]):
                module.load_state_dict(content)
            for optimizer, content in zip(self.optimizers, found["optimizers"]):
                optimizer.load_state_dict(content)
            self.average.values = found["average"]
            self.step, self.clock = found["step"], state.Clock(found["seconds"])

    def save(self) -> None:
        if self.options.rank > 0:
            return
        state.save(self.folder / "checkpoint.pt", {
            "modules": [module.state_dict() for module in self.modules],
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average.values, "step": self.step, "seconds": self.clock.seconds,
        })  # fmt: skip
        self.average.swap()
        for module, name in zip(self.modules, ("text_encoder", "transformer")):
            module.save_pretrained(self.folder / name)
        self.average.swap()

    def loss(self, data: Latents, is_coarse: bool) -> torch.Tensor:
        chance = random.Random(f"dit/{self.step}/{self.options.rank}")
        torch.manual_seed(chance.getrandbits(40))
        count = (COARSE_BATCH if is_coarse else BATCH) // self.options.processes
        latents, texts = data.batch(count, chance)
        first, second, weights = zip(*texts)
        ids, masks = self.tokens([*first, *second], prompt_tokens.TRAINING_LENGTH)
        sigma, noise = sigmas(count, is_coarse), torch.randn_like(latents)
        share = sigma.view(-1, 1, 1, 1, 1)
        with state.autocast():
            read = zip(dit.features(self.text_encoder, ids, masks).chunk(2), masks.chunk(2))
            features, mask = dit.blended(*read, torch.tensor(weights))
            noisy = (1 - share) * latents + share * noise
            output = self.transformer(noisy, features, 1000 * (1 - sigma), mask, return_dict=False)[0]
        return (output.float() - (latents - noise)).square().mean()

    def average_gradients(self) -> None:
        if self.options.processes == 1:
            return
        gradients = [parameter.grad for parameter in self.parameters]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(flat)
        flat /= self.options.processes
        for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(part.view_as(gradient))

    def run(self) -> None:
        data, recent = {}, {True: [], False: []}
        while self.step < self.options.steps:
            is_coarse = self.step < self.options.coarse or self.step % COARSE_EVERY == 0
            if is_coarse not in data:
                data[is_coarse] = Latents(self.options.state, COARSE_WIDTH if is_coarse else WIDTH)
            if self.step % RELOAD_EVERY == 0:
                for one in data.values():
                    one.reload()
            left = (self.options.steps - self.step) / (COOL_DOWN * self.options.steps)
            rate = min(1, (self.step + 1) / WARM_UP) * min(1, max(0.02, left))
            for optimizer, base in zip(self.optimizers, (MATRIX_RATE, RATE)):
                optimizer.param_groups[0]["lr"] = base * rate
            for parameter in self.parameters:
                # A batch without a single prompt gives some of them none.
                parameter.grad = torch.zeros_like(parameter)
            loss = self.loss(data[is_coarse], is_coarse)
            loss.backward()
            self.average_gradients()
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
            for optimizer in self.optimizers:
                optimizer.step()
            self.step += 1
            self.average.update(self.step)
            recent[is_coarse].append(loss.item())
            if self.step % REPORT_EVERY == 0:
                means = {name: mean(recent[key]) for name, key in (("coarse", True), ("full", False)) if recent[key]}
                clips = {str(one.folder.name): len(one.latents) for one in data.values()}
                self.log(step=self.step, seconds=self.clock.seconds, **means, clips=clips)
                recent = {True: [], False: []}
            if self.clock.is_time_to_save():
                self.save()
        self.save()


def main() -> None:
    parser = state.arguments(__doc__, coarse=6000, steps=30000, processes=1, rank=0, port=29517, compile=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    others = []
    if options.processes > 1:
        if options.rank == 0:
            command = [sys.executable, *sys.argv]
            others = [subprocess.Popen([*command, "--rank", str(rank)]) for rank in range(1, options.processes)]
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(options.port)}
        # Long, since a process may be held up by whoever measures on this machine.
        torch.distributed.init_process_group(
            "gloo", rank=options.rank, world_size=options.processes, timeout=datetime.timedelta(hours=12))
    if options.rank > 0:
        # The first one has written the tokenizer once all have come here.
        torch.distributed.barrier()
    trainer = Trainer(options)
    if options.rank == 0 and options.processes > 1:
        torch.distributed.barrier()
    trainer.run()
    for process in others:
        process.wait()


if __name__ == "__main__":
    main()
