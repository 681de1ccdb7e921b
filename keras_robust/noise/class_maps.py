"""Which class is mistaken for which, in the papers' asymmetric noise."""

import numpy as np

# The superclass of each of CIFAR-100's classes, which are numbered in the
# alphabetical order of their names (0 apple, 1 aquarium fish, 2 baby, ...).
# fmt: off
CIFAR100_SUPERCLASS = (
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11,
    6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0, 11, 1, 10, 12, 14, 16, 9, 11, 5,
    5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17,
    10, 3, 2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13,
    16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13,
)
# fmt: on


def next_of_same_group(groups):
    """Maps each class to the next one of its group, the last to the first.

    Args:
        groups: the group of each class, a sequence of K integers.

    Returns:
        dict of K entries, class to class.
    """
    groups = np.asarray(groups)
    mapping = {}
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group).tolist()
        mapping |= dict(zip(members, members[1:] + members[:1], strict=True))
    return mapping


# Number of classes, and what each class is mistaken for.
NAMED = {
    # 7 -> 1, 2 -> 7, 5 <-> 6, 3 -> 8.
    "mnist": (10, {7: 1, 2: 7, 5: 6, 6: 5, 3: 8}),
    # Pullover <-> coat, T-shirt <-> shirt, sandal <-> sneaker.
    "fashion_mnist": (10, {2: 4, 4: 2, 0: 6, 6: 0, 5: 7, 7: 5}),
    # Truck -> automobile, bird -> airplane, deer -> horse, cat <-> dog.
    "cifar10": (10, {9: 1, 2: 0, 4: 7, 3: 5, 5: 3}),
    "cifar100": (100, next_of_same_group(CIFAR100_SUPERCLASS)),
}
