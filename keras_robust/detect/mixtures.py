"""Two groups of numbers told apart: a mixture of two normal distributions."""

import warnings


def two_normals(values, **options):
    """Fits scikit-learn's `GaussianMixture` of two components.

    It does not warn where the iterations end before the fit has converged:
    all who ask set the number of iterations, and take where it stands then.

    Args:
        values: float64 `(N,)`, finite; where the fit starts, and with it the
            last digits, may depend on their order.
        **options: Of `GaussianMixture`.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(n_components=2, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(values[:, None])
