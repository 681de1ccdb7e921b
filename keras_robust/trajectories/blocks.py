"""Trajectories a block of samples at a time."""

# Of thirty epochs of a signal some 4 MiB, which a processor keeps near.
BLOCK = 2**15


class Blocks:
    """What `Trajectories` and those that stay on disk have in common."""

    def check_recorded(self, name):
        """Raises a `ValueError` if a signal was not recorded."""
        if name not in self.signals:
            wanted = ", ".join(f'"{n}"' for n in (*self.signals, name))
            raise ValueError(
                f"The signal {name!r} was not recorded; there are: "
                f"{', '.join(self.signals)}. Record it by "
                f"`LossTrajectory(signals=({wanted}))`. "
                f"Received: name={name!r}"
            )

    def blocks(self, names):
        """Yields the samples block after block, in their order.

        Args:
            names: the names of the signals that the blocks are to have.

        Yields:
            The position of the first sample, and `Trajectories`.

        Raises:
            ValueError: if a signal was not recorded.
        """
        for name in names:
            self.check_recorded(name)
        return part_by_part(self, names, 0)


def part_by_part(trajectories, names, position):
    """Yields parts of `Trajectories` that share its memory.

    Args:
        trajectories: `Trajectories`.
        names: the names of the signals of the parts.
        position: that of its first sample.
    """
    for start in range(0, len(trajectories), BLOCK):
        at = slice(start, start + BLOCK)
        yield (
            position + start,
            unchecked(
                type(trajectories),
                ids=trajectories.ids[at],
                epochs=trajectories.epochs,
                signals={n: trajectories.signals[n][:, at] for n in names},
                given_label=trajectories.given_label[at],
                num_classes=trajectories.num_classes,
                counts=None,
            ),
        )


def unchecked(kind, **fields):
    """A frozen dataclass of `kind` from fields that were checked before."""
    made = object.__new__(kind)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made
