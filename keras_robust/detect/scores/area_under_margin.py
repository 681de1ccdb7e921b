"""AUM: by how much the given label was ahead, over the epochs."""

from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.odds import logistic


@register_score("aum", signals=("margin",), per_sample=True)
def aum(trajectories):
    """Area under the margin, the mean margin over the recorded epochs.

    `AUM = mean_e (z_given - max_{k != given} z_k)`, with z the logits;
    `quality = 1 / (1 + exp(-AUM))` and `evidence = AUM`. Below zero the
    model on average preferred another class.

    Reference:
        Pleiss et al., "Identifying Mislabeled Data using the Area Under
        the Margin Ranking", NeurIPS 2020, equation 1.
    """
    area = trajectories.mean("margin")
    return Score(quality=logistic(area), evidence=area)
