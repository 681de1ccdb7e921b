"""What the table of all losses marks as numeric evidence."""

from benchmarks import theory
from keras_robust import losses


def test_what_no_loss_declares_is_marked():
    options = {"from_logits": True}
    clipped = losses.GradientClipping(losses.CrossEntropy(**options), 0.1)
    declared = losses.PHuberCrossEntropy(10.0, **options)
    searched, closed = (
        theory.row_of("", loss, None) for loss in (clipped, declared)
    )
    for column in ("ratio", "symmetric noise", "pair"):
        assert searched[column] == closed[column] + "~"
