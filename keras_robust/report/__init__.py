"""Pictures of what was found, without pyplot, and the review page."""

from keras_robust.report.class_noise_plot import plot_class_noise
from keras_robust.report.data_map_plot import plot_data_map
from keras_robust.report.epochs_plot import plot_detection_by_epoch
from keras_robust.report.epochs_plot import plot_quality_by_epoch
from keras_robust.report.figures import new_figure
from keras_robust.report.figures import save_figure
from keras_robust.report.gallery import plot_gallery
from keras_robust.report.gallery import plot_worst
from keras_robust.report.label_matrix_plot import plot_label_matrix
from keras_robust.report.loss_curves import plot_loss_curves
from keras_robust.report.loss_curves import plot_pull_curves
from keras_robust.report.needed_ratio import plot_needed_ratio
from keras_robust.report.plane_plot import plot_hard_or_wrong
from keras_robust.report.quality_plot import plot_quality
from keras_robust.report.review.page import write_review
from keras_robust.report.review.writing import is_review
from keras_robust.report.risk_triangles import plot_risk_triangles
from keras_robust.report.search_plot import plot_search
from keras_robust.report.style import dark_style
from keras_robust.report.tensorboard_callback import TrajectoryTensorBoard
from keras_robust.report.tensorboard_events import write_tensorboard
from keras_robust.report.trajectory_plot import plot_trajectories
from keras_robust.report.truth_plots import plot_precision_recall
from keras_robust.report.truth_plots import plot_roc

__all__ = [
    "TrajectoryTensorBoard",
    "dark_style",
    "is_review",
    "new_figure",
    "plot_class_noise",
    "plot_data_map",
    "plot_detection_by_epoch",
    "plot_gallery",
    "plot_hard_or_wrong",
    "plot_label_matrix",
    "plot_loss_curves",
    "plot_needed_ratio",
    "plot_precision_recall",
    "plot_pull_curves",
    "plot_quality",
    "plot_quality_by_epoch",
    "plot_risk_triangles",
    "plot_roc",
    "plot_search",
    "plot_trajectories",
    "plot_worst",
    "save_figure",
    "write_review",
    "write_tensorboard",
]
