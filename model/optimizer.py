"""AdamW by torch's own fused step, without `torch.optim`, whose first optimizer loads the compiler: a second."""

__all__ = ["AdamW"]

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

EPS = 1e-8  # beside the root of the mean square gradient


class AdamW:
    """Loshchilov & Hutter (2019), algorithm 2, arXiv:1711.05101: Adam with decoupled weight decay of the matrices.

    Args:
        parameters: all on one device, float32.
        weight_decay: of those with more than one dimension; the others have none.
        betas: decay of the means of gradients, and of their squares.
    """

    def __init__(self, parameters: Sequence[Tensor], weight_decay: float, betas: tuple[float, float]) -> None:
        self._parameters = parameters
        self._betas = betas
        matrices = [i for i, p in enumerate(parameters) if p.ndim > 1]
        vectors = [i for i, p in enumerate(parameters) if p.ndim <= 1]
        self._groups = [(matrices, weight_decay), (vectors, 0.0)]
        self._means = [torch.zeros_like(p) for p in parameters]
        self._squares = [torch.zeros_like(p) for p in parameters]
        self._steps = [torch.zeros((), device=p.device) for p in parameters]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """One update by the gradients, which are let go of."""
        gradients = [p.grad for p in self._parameters if p.grad is not None]  # all have one
        for rows, weight_decay in self._groups:
            if not rows:
                continue
            steps = [self._steps[i] for i in rows]
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(
                [self._parameters[i] for i in rows],
                [gradients[i] for i in rows],
                [self._means[i] for i in rows],
                [self._squares[i] for i in rows],
                [],
                steps,
                lr=lr,
                beta1=self._betas[0],
                beta2=self._betas[1],
                weight_decay=weight_decay,
                eps=EPS,
                amsgrad=False,
                maximize=False,
            )
        for p in self._parameters:
            p.grad = None

    def state(self) -> dict[str, Tensor]:
        """What it remembers, under each parameter's number and `torch.optim`'s names."""
        parts = {"step": self._steps, "exp_avg": self._means, "exp_avg_sq": self._squares}
        return {f"{i}.{name}": tensor for name, tensors in parts.items() for i, tensor in enumerate(tensors)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on with what `state` gave.

        Raises:
            KeyError, RuntimeError: a tensor is missing, or has another shape.
        """
        for name, tensor in self.state().items():
            tensor.copy_(state[name])
