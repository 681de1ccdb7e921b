"""Small groups of samples with as many of every class."""

import numpy as np

from keras_robust.detect.embeddings.centred import sums_by_class
from keras_robust.noise.blocks import row_blocks
from keras_robust.noise.embeddings import directions


def unlike_classes(means, most):
    """Divides classes into sets whose members are unlike each other.

    As in SPR's code: a set begins with the first class left, and takes the
    one whose mean has the smallest sum of products with those of the set,
    until it is full. Unlike there the sets are about equally large.

    Args:
        means: Directions of the class means, `(K, D)`.
        most: The largest size of a set, at least 2.

    Returns:
        A list of arrays of classes.
    """
    count = -(-len(means) // most)
    sizes = np.full(count, len(means) // count)
    sizes[: len(means) % count] += 1
    left, sets = np.arange(len(means)), []
    for size in sizes:
        chosen, left = [left[0]], left[1:]
        product = means[left] @ means[chosen[0]]
        while len(chosen) < size:
            nearest = product.argmin()
            chosen.append(left[nearest])
            left, product = (
                np.delete(left, nearest),
                np.delete(product, nearest),
            )
            product = product + means[left] @ means[chosen[-1]]
        sets.append(np.array(chosen))
    return sets


def shuffled_by_class(classes, num_classes, keys, rng):
    """The positions of each class's samples, in an order by chance.

    Args:
        classes: int64 `(N,)`.
        num_classes: `K`.
        keys: A number for each sample; the shuffle is one of their order, so
            that the order of the samples does not matter.
        rng: A `numpy.random.Generator`.

    Returns:
        A list of K arrays.
    """
    order = np.lexsort((keys, classes))
    ends = np.cumsum(np.bincount(classes, minlength=num_classes))
    return [rng.permutation(part) for part in np.split(order, ends[:-1])]


def projections(centred, rng):
    """A number for each sample: its part along a direction by chance.

    Args:
        centred: `Centred`.
        rng: A `numpy.random.Generator`.
    """
    embeddings = centred.embeddings
    along = rng.normal(size=embeddings.shape[1])
    keys = np.empty(len(embeddings))
    for rows in row_blocks(*embeddings.shape):
        keys[rows] = np.einsum("ij,j->i", centred.rows(rows), along)
    return keys


def groups_of(members, per_class):
    """Puts the samples of some classes into groups.

    A small class gives the same samples to several groups, and to each at
    most as many as it has.

    Args:
        members: For each class, the positions of its samples.
        per_class: How many samples of a class a group takes.

    Returns:
        Positions `(G, n)`, and which class of `members` each column is of,
        `(n,)`.
    """
    largest = max(len(positions) for positions in members)
    count = -(-largest // per_class)
    columns, which = [], []
    for number, positions in enumerate(members):
        taken = min(per_class, len(positions))
        place = np.arange(count * taken) % len(positions)
        columns.append(positions[place].reshape(count, taken))
        which.extend([number] * taken)
    return np.concatenate(columns, axis=1), np.array(which)


def class_directions(centred, classes, num_classes):
    """The directions of the class means, the common mean taken away."""
    sums = np.zeros((num_classes, centred.embeddings.shape[1]))
    for rows in row_blocks(*centred.embeddings.shape):
        sums += sums_by_class(centred.rows(rows), classes[rows], num_classes)
    return directions(sums)
