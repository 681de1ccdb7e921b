"""Speed of the losses: forward and backward, as a ratio to Keras's own.

`python -m benchmarks.losses [--quick] [--json out.json]`; the backend is
KERAS_BACKEND's. Both losses run in turn in one process, compiled the way
`fit` compiles them (JAX: jit, TensorFlow: tf.function, PyTorch: eager), from
logits with integer labels.
"""

import time

import keras
import numpy as np

import keras_robust as kr
from benchmarks.harness import parser
from benchmarks.harness import report

SIZES = [(256, 10), (256, 1000), (1024, 10000)]
LOSSES = {
    "AsymmetricGCE(a=1, q=3)": lambda: kr.losses.AsymmetricGCE(
        a=1, q=3, from_logits=True
    ),
    "GeneralizedCrossEntropy()": lambda: kr.losses.GeneralizedCrossEntropy(
        from_logits=True
    ),
    "NormalizedCrossEntropy()": lambda: kr.losses.NormalizedCrossEntropy(
        from_logits=True
    ),
}


def value_and_gradient(loss):
    """Returns `(move, step)`: NumPy to tensors, and a step that waits."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        step = jax.jit(jax.value_and_grad(lambda z, y: loss(y, z)))
        return keras.ops.convert_to_tensor, lambda y, z: jax.block_until_ready(
            step(z, y)
        )
    if backend == "tensorflow":
        import tensorflow as tf

        @tf.function
        def step(y, z):
            with tf.GradientTape() as tape:
                tape.watch(z)
                value = loss(y, z)
            return value, tape.gradient(value, z)

        return keras.ops.convert_to_tensor, lambda y, z: step(y, z)[0].numpy()
    import torch

    def step(y, z):
        z = z.detach().requires_grad_()
        loss(y, z).backward()
        return z.grad

    return torch.from_numpy, step


def paired_ratio(ours, theirs, labels, logits, rounds, repeats):
    """Median over rounds of time(ours) / time(theirs), run A B A B."""
    prepared = []
    for loss in (ours, theirs):
        move, step = value_and_gradient(loss)
        y, z = move(labels), move(logits)
        for _ in range(3):
            step(y, z)
        prepared.append((step, y, z))
    times = np.zeros((rounds, 2))
    for i in range(rounds):
        for j in (0, 1) if i % 2 else (1, 0):
            step, y, z = prepared[j]
            start = time.perf_counter()
            for _ in range(repeats):
                step(y, z)
            times[i, j] = (time.perf_counter() - start) / repeats
    ratios = times[:, 0] / times[:, 1]
    return np.median(ratios), np.quantile(ratios, [0.25, 0.75]), times


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    rounds = 11 if options.quick else 41
    rng = np.random.default_rng(0)
    rows = []
    for batch, classes in SIZES:
        labels = rng.integers(0, classes, batch).astype("int32")
        logits = rng.normal(0, 3, (batch, classes)).astype("float32")
        repeats = max(1, int(2e6 / (batch * classes)))
        repeats = min(repeats, 20)
        for name, make in LOSSES.items():
            theirs = keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            )
            ratio, (low, high), times = paired_ratio(
                make(), theirs, labels, logits, rounds, repeats
            )
            rows.append(
                {
                    "size": f"{batch} x {classes}",
                    "loss": name,
                    "ratio": round(float(ratio), 3),
                    "quartiles": f"{low:.2f} to {high:.2f}",
                    "ms": round(float(np.median(times[:, 0])) * 1e3, 3),
                    "keras_ms": round(float(np.median(times[:, 1])) * 1e3, 3),
                }
            )
    report("losses", rows, options)


if __name__ == "__main__":
    main()
