"""Speed and memory of the losses, as ratios to Keras's own cross-entropy.

`python -m benchmarks.losses [--quick] [--json out.json]`; the backend is
KERAS_BACKEND's. Forward and backward with integer labels, both losses in turn
in one process, compiled as `fit` compiles them (JAX: jit, TensorFlow:
tf.function, PyTorch: eager); from logits against Keras's sparse cross-entropy
from logits, from probabilities against the same from probabilities. Memory is
what XLA reserves for temporaries on JAX, elsewhere by how much the peak of the
resident memory rises above the inputs in a process of its own.
"""

import gc
import resource
import subprocess
import sys
import time

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import losses

SIZES = [(256, 10), (256, 1000), (1024, 10000), (32, 128, 128, 19)]
OF_PROBABILITIES = (256, 1000)
OF_MEMORY = (1024, 10000)
BASELINE = "keras"
SUM = "nce+agce"

# family -> names for `losses.get`, with the parameters they cannot do without
FAMILIES = {
    "of p_y alone": (
        "agce aul ael gce blurry pz mae taylor phuber js alpha focal sce rce "
        "tgce lr"
    ).split(),
    "over all classes": (
        "nce nfl ngce nmae nnce nnfl anl-ce anl-fl jal-ce nce+agce amse anorm"
    ).split(),
    "others": "ce rda bi_tempered_logistic soft_bootstrapping".split(),
}


def make(name, from_logits):
    """The loss of a name; Keras's own cross-entropy for `"keras"`."""
    if name == BASELINE:
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=from_logits
        )
    parameters = {"a": 6, "q": 1.5} if name == SUM else {}
    return losses.get(name, from_logits=from_logits, **parameters)


def inputs(size, from_logits):
    """Labels and predictions of a size, NumPy."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, size[-1], size[:-1]).astype("int32")
    y_pred = rng.normal(0, 3, size).astype("float32")
    if not from_logits:
        y_pred = np.exp(y_pred - y_pred.max(-1, keepdims=True))
        y_pred /= y_pred.sum(-1, keepdims=True)
    return labels, y_pred


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


def paired_ratio(ours, theirs, labels, y_pred, rounds, repeats):
    """Median over rounds of time(ours) / time(theirs), run A B A B."""
    prepared = []
    for loss in (ours, theirs):
        move, step = value_and_gradient(loss)
        y, z = move(labels), move(y_pred)
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


def memory(name):
    """MiB that forward and backward of a loss take beside the inputs."""
    if keras.backend.backend() == "jax":
        import jax

        loss, (labels, logits) = make(name, True), inputs(OF_MEMORY, True)
        step = jax.jit(jax.value_and_grad(lambda z, y: loss(y, z)))
        found = step.lower(logits, labels).compile().memory_analysis()
        return found.temp_size_in_bytes / 2**20
    command = [sys.executable, "-m", "benchmarks.losses", "--peak", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def rise(name):
    """MiB by which one step raises this process's peak memory."""
    move, step = value_and_gradient(make(name, True))
    # Whatever is loaded or compiled on the first call is not the loss's.
    step(*map(move, inputs((8, OF_MEMORY[1]), True)))
    y, z = map(move, inputs(OF_MEMORY, True))
    gc.collect()
    with open("/proc/self/statm") as file:
        before = int(file.read().split()[1]) * resource.getpagesize()
    step(y, z)
    # Not getrusage's peak, which a process inherits from its parent.
    with open("/proc/self/status") as file:
        peak = next(line for line in file if line.startswith("VmHWM"))
    return (int(peak.split()[1]) * 1024 - before) / 2**20


def measure(name, size, from_logits, rounds):
    labels, y_pred = inputs(size, from_logits)
    ratio, (low, high), times = paired_ratio(
        make(name, from_logits),
        make(BASELINE, from_logits),
        labels,
        y_pred,
        rounds,
        max(1, min(20, int(2e6 / y_pred.size))),
    )
    return {
        "input": "logits" if from_logits else "probabilities",
        "size": " x ".join(map(str, size)),
        "loss": name,
        "ratio": round(float(ratio), 2),
        "quartiles": f"{low:.2f} to {high:.2f}",
        "ms": round(float(np.median(times[:, 0])) * 1e3, 3),
        "keras ms": round(float(np.median(times[:, 1])) * 1e3, 3),
    }


def main(arguments=None):
    options = parser(__doc__)
    options.add_argument("--peak", metavar="LOSS", help="memory of one loss")
    options = options.parse_args(arguments)
    if options.peak:
        print(rise(options.peak))
        return
    rounds = 5 if options.quick else 9
    names = [(k, name) for k, family in FAMILIES.items() for name in family]
    cases = [(size, True) for size in SIZES[: 2 if options.quick else None]]
    cases.append((OF_PROBABILITIES, False))
    needs_logits = {
        row["name"] for row in losses.available() if row["input"] == "logits"
    }
    bar = keras.utils.Progbar(len(cases) * len(names))
    rows = []
    for size, from_logits in cases:
        for family, name in names:
            bar.add(1)
            if not from_logits and name in needs_logits:
                continue
            row = measure(name, size, from_logits, rounds)
            rows.append({"family": family, **row})
    if not options.quick:
        base = memory(BASELINE)
        for row in rows:
            here = row["size"] == " x ".join(map(str, OF_MEMORY))
            row["memory"] = f"{memory(row['loss']) / base:.2f}" if here else ""
    report("losses", rows, options)


if __name__ == "__main__":
    main()
