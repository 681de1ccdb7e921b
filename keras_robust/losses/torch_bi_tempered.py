"""The bi-tempered loss on PyTorch; imported on that backend only.

Every Newton step walks the logits several times, so it is worth even more
than for the other losses to work on blocks of rows that fit the processor's
cache, and to write the gradient out:
`dL/dz = h - p^t2 sum(h) / sum(p^t2)`, `h = (p - y) p^(t2 - t1)`.
"""

import torch

from keras_robust.losses.torch_kernels import blocks_of


def of_given(labels, logits, t1, t2, num_iters, plain):
    """Values of the loss for integer labels, `t2 > 1`.

    Args:
        labels: Integer tensor, shape `(...)`.
        logits: Float tensor, shape `(..., num_classes)`.
        t1, t2, num_iters: As of `BiTemperedLogistic`.
        plain: The same as a function of labels and logits, for automatic
            differentiation: of a gradient, or where PyTorch transforms.
    """
    if (
        torch._C._are_functorch_transforms_active()
        or torch.compiler.is_compiling()
    ):
        return plain(labels, logits)
    rows = logits.reshape(-1, logits.shape[-1])
    index = labels.reshape(-1, 1)
    values = Kernel.apply(rows, index, t1, t2, num_iters, plain)
    return values.reshape(labels.shape)


class Kernel(torch.autograd.Function):
    """Values `(rows,)` from logits `(rows, classes)`, index `(rows, 1)`."""

    @staticmethod
    def forward(ctx, logits, index, t1, t2, num_iters, plain):
        ctx.options = t1, t2, plain
        found = [
            _values(logits[i], index[i], t1, t2, num_iters)
            for i in blocks_of(logits) or [slice(None)]
        ]
        values, shift, top = map(torch.cat, zip(*found, strict=True))
        ctx.save_for_backward(logits, index, shift, top)
        return values

    @staticmethod
    def backward(ctx, upstream):
        logits, index, shift, top = ctx.saved_tensors
        t1, t2, plain = ctx.options
        if torch.is_grad_enabled():
            # Someone wants a second derivative, e.g. a gradient penalty.
            found = plain(index.squeeze(-1), logits)
            slopes = torch.autograd.grad(
                found, logits, upstream, create_graph=True
            )[0]
        else:
            slopes = torch.empty_like(logits)
            for i in blocks_of(logits) or [slice(None)]:
                scaled = (logits[i] - top[i]).mul_(1.0 - t2)
                slopes[i] = _slopes(scaled, shift[i], index[i], t1, t2).mul_(
                    upstream[i].unsqueeze(-1)
                )
        return slopes, None, None, None, None, None


def _log_exp(scaled, shift, t):
    """`1 + (1 - t) u` and `log exp_t(u)`, where that is `scaled - shift`."""
    rest = 1.0 - t
    inside = scaled - shift
    if abs(rest) < 0.1:
        log_p = inside.log1p().mul_(1.0 / rest)
        return inside.add_(1.0), log_p
    base = inside.add_(1.0)
    return base, base.log().mul_(1.0 / rest)


def _values(logits, index, t1, t2, num_iters):
    rest = 1.0 - t2
    top = logits.amax(-1, keepdim=True)
    scaled = (logits - top).mul_(rest)
    shift = torch.zeros_like(top)
    # Close enough for one more step to be beyond the dtype.
    close = 1e-8 if logits.dtype == torch.float64 else 1e-4
    for _ in range(num_iters):
        base, log_p = _log_exp(scaled, shift, t2)
        p = log_p.exp_()
        total = p.sum(-1, keepdim=True)
        slope = p.div_(base).sum(-1, keepdim=True)
        gain = total * torch.expm1(total.log() * -rest) / -slope
        shift = shift + gain
        # To look at a number waits for a GPU.
        if logits.device.type == "cpu" and ((total - 1).abs() < close).all():
            break
    _, log_p = _log_exp(scaled, shift, t2)
    given = log_p.gather(-1, index).squeeze(-1)
    if t1 == 1:
        return -given, shift, top
    values = torch.expm1(given * (1.0 - t1)) * (-1.0 / (1.0 - t1))
    total = log_p.mul_(2.0 - t1).exp_().sum(-1)
    # Rounding alone takes a divergence below 0.
    values = (values + (total - 1.0) * (1.0 / (2.0 - t1))).clamp_min_(0.0)
    return values, shift, top


def _slopes(scaled, shift, index, t1, t2):
    base, log_p = _log_exp(scaled, shift, t2)
    factor = (log_p * (t2 - t1)).exp_()
    p = log_p.exp_()
    given = factor.gather(-1, index)
    h = factor.mul_(p).scatter_add_(-1, index, -given)
    escort = p.div_(base)
    weight = h.sum(-1, keepdim=True) / escort.sum(-1, keepdim=True)
    return h.sub_(escort.mul_(weight))
