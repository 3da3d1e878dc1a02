"""Muon: momentum whose update is made orthogonal, so that no direction of a layer's output moves faster than another.

Adam moves every weight alike, and a convolution of 2,592 inputs with them 2,592 times as far: the autoencoder unlearned
its first weights within 50 steps. Reference: K. Jordan et al., "Muon: an optimizer for hidden layers in neural
networks", 2024.
"""

import torch

import state

MOMENTUM = 0.95
# Keller Jordan's coefficients of the Newton-Schulz iteration.
_A, _B, _C, _ITERATIONS = 3.4445, -4.7750, 2.0315, 5


class Muon(torch.optim.Optimizer):
    """For matrices and kernels of convolutions, which count as matrices `[out, in x patch]`."""

    def __init__(self, parameters, lr: float, weight_decay: float = 0.0) -> None:
        super().__init__(list(parameters), {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                memory = self.state[parameter]
                if not memory:
                    memory["momentum"] = torch.zeros_like(parameter)
                momentum = memory["momentum"].lerp_(parameter.grad, 1 - MOMENTUM)
                update = orthogonal(parameter.grad.lerp(momentum, MOMENTUM).flatten(1))
                outputs, inputs = update.shape
                scale = max(1, outputs / inputs) ** 0.5
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update.view_as(parameter), alpha=-group["lr"] * scale)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """About the nearest matrix of that shape whose singular values are all 1."""
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.to(state.fast_type())
    x = x.T if is_tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(_ITERATIONS):
        square = x @ x.T
        x = _A * x + (_B * square + _C * square @ square) @ x
    return (x.T if is_tall else x).to(matrix.dtype)
