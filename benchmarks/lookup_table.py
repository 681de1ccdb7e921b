"""Does the predicted noise rate part what training can learn? By lookup table.

`python -m benchmarks.lookup_table [--quick] [--json out.json]` trains free
logits for each class and each noise rate (an `Embedding`, so nothing but the
loss decides where they end) 10 % inside and 10 % outside of the rate that
`theory.max_noise_rate` says, and prints the probability of the true class at
the end. Inside it is the clean minimiser, 1; outside another one.
"""

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import losses
from keras_robust import theory
from keras_robust.theory.weights import label_weights

NUM_CLASSES = 10
INSIDE, OUTSIDE = 0.9, 1.1
# Above that the true class has won.
SURE = 0.99


def contestants():
    """Losses that differ in how much they tolerate."""
    options = {"from_logits": True}
    return {
        "AsymmetricGCE(a=0.6, q=0.6)": losses.AsymmetricGCE(
            0.6, 0.6, **options
        ),
        "AsymmetricUnhinged(a=5.5, q=3)": losses.AsymmetricUnhinged(
            5.5, 3.0, **options
        ),
        "AsymmetricExponential(a=1.5)": losses.AsymmetricExponential(
            1.5, **options
        ),
        "PHuberCrossEntropy(tau=3)": losses.PHuberCrossEntropy(3.0, **options),
        "TaylorCrossEntropy(order=3)": losses.TaylorCrossEntropy(3, **options),
        "AsymmetricMSE(a=7)": losses.AsymmetricMSE(7.0, **options),
        "AsymmetricNorm(a=2, p=1.5)": losses.AsymmetricNorm(
            2.0, 1.5, **options
        ),
        'get("nce+ael", "cifar10")': losses.get(
            "nce+ael", "cifar10", **options
        ),
    }


def train(loss, matrices, steps=3000):
    """What free logits end at under some noises.

    Args:
        loss: A robust loss from logits.
        matrices: Transition matrices, `(M, K, K)`.
        steps: Of Adam, on all labels at once, each with its share.

    Returns:
        The probability of the true class for each noise, the mean over the
        classes, `(M,)`.
    """
    num_noises, num_classes, _ = matrices.shape
    cells = num_noises * num_classes
    model = keras.Sequential(
        [
            keras.Input((), dtype="int32"),
            keras.layers.Embedding(cells, num_classes, "zeros"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), loss=loss)
    x = np.repeat(np.arange(cells, dtype="int32"), num_classes)
    y = np.tile(np.arange(num_classes, dtype="int32"), cells)
    shares = matrices.reshape(-1).astype("float32")
    at_once = 50
    model.fit(
        *(np.tile(one, at_once) for one in (x, y)),
        sample_weight=np.tile(shares, at_once),
        batch_size=x.size,
        epochs=steps // at_once,
        shuffle=False,
        verbose=0,
    )
    logits = np.float64(model.get_weights()[0])
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    own = p.reshape(matrices.shape).diagonal(axis1=1, axis2=2)
    return own.mean(axis=1)


def row_of(text, loss, steps):
    """Two noises, each inside and outside, in one training."""
    row, matrices = {"loss": text}, []
    kinds = ("symmetric", "pair")
    for kind in kinds:
        rate = theory.max_noise_rate(loss, kind, NUM_CLASSES)
        row[f"{kind}: predicted"] = f"{rate:.3f}"
        matrices += [
            label_weights(kind, rate * factor, NUM_CLASSES)
            for factor in (INSIDE, OUTSIDE)
        ]
    ends = train(loss, np.array(matrices), steps).reshape(2, 2)
    for kind, (inside, outside) in zip(kinds, ends, strict=True):
        row[f"{kind}: p inside"] = f"{inside:.3f}"
        row[f"{kind}: p outside"] = f"{outside:.3f}"
    parted = (ends[:, 0] > SURE) & (ends[:, 1] < SURE)
    row["parted"] = "yes" if parted.all() else "no"
    return row


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    steps = 1000 if options.quick else 10_000
    found = contestants()
    bar = keras.utils.Progbar(len(found))
    rows = []
    for text, loss in found.items():
        rows.append(row_of(text, loss, steps))
        bar.add(1)
    report("lookup_table", rows, options)


if __name__ == "__main__":
    main()
