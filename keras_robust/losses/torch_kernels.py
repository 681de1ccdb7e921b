"""What `kernels` needs on PyTorch; imported on that backend only.

PyTorch runs uncompiled: every small operation and every fetch of a large array
from memory is paid for. So there is one function with a gradient of its own
for the given class and all sums over classes, and on a CPU it works on blocks
of rows that fit the processor's cache.
"""

import torch

from keras_robust.losses.probability import Probability

# Numbers in a block of rows, half a MiB of float32.
BLOCK = 2**17


def whole_numbers(labels):
    """Labels as int64, which indices are; what is no whole number is -1."""
    whole = labels.long()
    if labels.is_floating_point():
        whole = torch.where(whole == labels, whole, -1)
    return whole


def given_and_totals(labels, logits, totals):
    """See `kernels.given_and_totals`."""
    found = _call(labels, logits, totals, None, None)
    return found if totals else (found,)


def of_given(labels, logits, value, slope):
    """See `kernels.of_given`."""
    return _call(labels, logits, (), value, slope)


def bi_tempered(*arguments):
    """See `kernels.bi_tempered`."""
    from keras_robust.losses import torch_bi_tempered

    return torch_bi_tempered.of_given(*arguments)


def _call(labels, logits, *options):
    """The kernel on two axes, whatever the number of axes."""
    if torch._C._are_functorch_transforms_active():
        # torch.func wants a slower kind of Function.
        return _plain(labels, logits, *options)
    shape = labels.shape
    if len(shape) == 1:
        return Kernel.apply(logits, labels.unsqueeze(-1), *options)
    logits = logits.reshape(-1, logits.shape[-1])
    found = Kernel.apply(logits, labels.reshape(-1, 1), *options)
    if isinstance(found, tuple):
        return tuple(values.reshape(shape) for values in found)
    return found.reshape(shape)


def _plain(labels, logits, totals, value, slope):
    """What the kernel computes, for automatic differentiation."""
    p = Probability(log_p=torch.log_softmax(logits, dim=-1))
    given = p.at(labels)
    if value is not None:
        return value(given)
    if not totals:
        return given.log_p
    return given.log_p, *(total.value(p).sum(dim=-1) for total in totals)


class Kernel(torch.autograd.Function):
    """The given class's `log p`, or a function of it, and totals."""

    @staticmethod
    def forward(ctx, logits, index, totals, value, slope):
        ctx.options = totals, value, slope
        blocks = blocks_of(logits)
        if blocks is None:
            found = log_p, given, *sums = _of_rows(logits, index, totals)
        else:
            # The backward pass computes `log p` again: that is faster than to
            # fetch it from memory.
            found = [_of_rows(logits[i], index[i], totals) for i in blocks]
            columns = list(zip(*found, strict=True))[1:]
            log_p, (given, *sums) = None, map(torch.cat, columns)
        ctx.save_for_backward(logits, index, log_p)
        if value is not None:
            ctx.given = Probability(log_p=given)
            return value(ctx.given)
        return (given, *sums) if totals else given

    @staticmethod
    def backward(ctx, *upstream):
        logits, index, log_p = ctx.saved_tensors
        totals, value, slope = ctx.options
        if torch.is_grad_enabled():
            # Someone wants a second derivative, e.g. a gradient penalty.
            found = _plain(index.squeeze(-1), logits, *ctx.options)
            slopes = torch.autograd.grad(
                found, logits, upstream, create_graph=True
            )[0]
            return slopes, None, None, None, None
        if slope is not None:
            upstream = (upstream[0] * slope(ctx.given),)
        if log_p is not None:
            slopes = _slopes(log_p, index, totals, upstream)
            return slopes, None, None, None, None
        slopes = torch.empty_like(logits)
        for rows in blocks_of(logits):
            log_p = logits[rows].log_softmax(-1)
            of_rows = [g[rows] for g in upstream]
            slopes[rows] = _slopes(log_p, index[rows], totals, of_rows)
        return slopes, None, None, None, None


def blocks_of(logits):
    """Slices of rows that fit the cache; `None` for all rows at once."""
    rows, classes = logits.shape
    many = max(1, BLOCK // classes)
    if rows <= 2 * many or logits.device.type != "cpu":
        return None
    if torch.compiler.is_compiling():
        return None
    return [slice(i, i + many) for i in range(0, rows, many)]


def _of_rows(logits, index, totals):
    log_p = logits.log_softmax(-1)
    given = log_p.gather(-1, index).squeeze(-1)
    if not totals:
        return log_p, given
    p = Probability(log_p=log_p)
    return log_p, given, *(total.value(p).sum(dim=-1) for total in totals)


def _slopes(log_p, index, totals, upstream):
    """The gradient with respect to the logits.

    With `h = dS/d(log p)` of what is summed up, `dS/dz = h - p sum(h)`.
    """
    of_given = upstream[0].unsqueeze(-1)
    if not totals:
        return log_p.exp().mul_(-of_given).scatter_add_(-1, index, of_given)
    p = Probability(log_p=log_p)
    dense, constant, weight = None, None, -of_given
    for total, g in zip(totals, upstream[1:], strict=True):
        g, h = g.unsqueeze(-1), total.slope(p)
        if isinstance(h, (int, float)):
            g = g * h
            weight = weight - g * log_p.shape[-1]
            constant = g if constant is None else constant + g
        else:
            # In place, unless the slope is one of the probability's own arrays.
            shared = any(h is array for array in vars(p).values())
            h = h * g if shared else h.mul_(g)
            weight = weight - h.sum(dim=-1, keepdim=True)
            dense = h if dense is None else dense.add_(h)
    slopes = p.p.mul_(weight)
    if constant is not None:
        slopes.add_(constant)
    if dense is not None:
        slopes.add_(dense)
    return slopes.scatter_add_(-1, index, of_given)
