"""Data sources: whatever holds samples and labels, made to say which is which.

Each kind of data has its file; all of them give a `Tracked`.
"""

from keras_robust.training.sources.arrays import declared as declared
from keras_robust.training.sources.entry import track as track
from keras_robust.training.sources.feeds import arm as arm
from keras_robust.training.sources.feeds import disarm as disarm
from keras_robust.training.sources.feeds import in_order as in_order
from keras_robust.training.sources.feeds import is_waiting as is_waiting
from keras_robust.training.sources.feeds import num_batches as num_batches
from keras_robust.training.sources.feeds import plain as plain
from keras_robust.training.sources.feeds import quicker as quicker
from keras_robust.training.sources.feeds import rewind as rewind
from keras_robust.training.sources.positions import ByKey as ByKey
from keras_robust.training.sources.tracked import Tracked as Tracked
from keras_robust.training.sources.validation import holds as holds
from keras_robust.training.sources.validation import (
    validation_split as validation_split,
)
