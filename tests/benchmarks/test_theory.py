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


def test_a_sum_whose_ratio_is_searched_is_marked():
    options = {"from_logits": True}
    part = losses.AsymmetricGCE(a=0.6, q=0.6, **options)
    searched = part + losses.CategoricalMAE(**options)
    bound = part + losses.NormalizedCrossEntropy(**options)
    for loss, is_marked in ((searched, True), (bound, False)):
        row = theory.row_of("", loss, None)
        for column in ("ratio", "symmetric noise", "pair"):
            assert row[column].endswith("~") == is_marked
