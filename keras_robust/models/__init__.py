"""Models that train several networks in one `fit`."""

from keras_robust.models.co_teaching import CoTeaching

__all__ = ["CoTeaching"]
