"""AUM: by how much the given label was ahead, over the epochs."""

import numpy as np

from keras_robust.detect.scores import Score
from keras_robust.detect.scores import register_score


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
    # Both branches see a non-positive argument, so nothing overflows.
    tail = np.exp(-np.abs(area))
    return Score(
        quality=np.where(area < 0, tail, 1.0) / (1.0 + tail), evidence=area
    )
