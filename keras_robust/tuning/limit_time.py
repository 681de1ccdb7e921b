"""limit_time: a search that begins no trial after some time."""

import time
import types

from keras_robust.losses import arguments


def limit_time(tuner, max_time):
    """Lets a search begin no further trial after some time.

    Trials that run then are ended as they would be, and the search stops as
    if there were no more; a search of the same folder goes on where it was.
    It is a limit beside the tuner's own `max_trials`.

    The clock starts with the first trial. Of many workers it is the chief
    that hands out trials: there it counts, and on workers it does nothing.

    Args:
        tuner: A tuner of KerasTuner.
        max_time: Seconds, above 0.

    Returns:
        The tuner.

    Raises:
        ValueError: For a bad `max_time`.

    Example:

    ```python
    tuner = keras_tuner.RandomSearch(hypermodel, hypermodel.objective)
    kr.tuning.limit_time(tuner, max_time=3600)
    tuner.search(x, y, validation_data=(x_val, y_val))
    ```
    """
    max_time = arguments.number("max_time", max_time, above=0)
    populate = getattr(tuner.oracle, "populate_space", None)
    if populate is None:
        return tuner
    ends = None

    def populate_space(oracle, trial_id):
        nonlocal ends
        now = time.monotonic()
        if ends is None:
            ends = now + max_time
        if now >= ends:
            return {"status": "STOPPED", "values": None}
        return populate(trial_id)

    tuner.oracle.populate_space = types.MethodType(populate_space, tuner.oracle)
    return tuner
