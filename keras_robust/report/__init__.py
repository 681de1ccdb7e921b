"""Pictures of what was found, without pyplot, and the review page."""

from keras_robust.report.figures import new_figure
from keras_robust.report.figures import save_figure
from keras_robust.report.gallery import plot_gallery
from keras_robust.report.review.page import write_review
from keras_robust.report.review.writing import is_review
from keras_robust.report.trajectory_plot import plot_trajectories

__all__ = [
    "is_review",
    "new_figure",
    "plot_gallery",
    "plot_trajectories",
    "save_figure",
    "write_review",
]
