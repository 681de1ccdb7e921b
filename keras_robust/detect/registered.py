"""The scores there are by name, beside those in `scores`."""

from keras_robust.detect.confidence_bounds import cnlcu_hard
from keras_robust.detect.confidence_bounds import cnlcu_soft
from keras_robust.detect.ctrl import ctrl
from keras_robust.detect.dividemix import gmm
from keras_robust.detect.first_k_epoch_learnt import first_k_epoch_learnt
from keras_robust.detect.scores import _scores
from keras_robust.detect.scores import register_score

_SCORES = (
    ("gmm", gmm, ("cross_entropy",)),
    ("ctrl", ctrl, ("cross_entropy",)),
    ("first_k_epoch_learnt", first_k_epoch_learnt, ("correct",)),
    ("cnlcu_soft", cnlcu_soft, ("cross_entropy",)),
    ("cnlcu_hard", cnlcu_hard, ("cross_entropy",)),
)
# Here and not in each one's file, which doctests may import a second time.
for _name, _function, _signals in _SCORES:
    if _name not in _scores.entries:
        register_score(_name, _signals)(_function)


def available_scores():
    """The names that `score=...` takes, in alphabetical order.

    Example:

    >>> from keras_robust.detect import available_scores
    >>> "aum" in available_scores()
    True
    """
    return sorted(_scores.entries)
