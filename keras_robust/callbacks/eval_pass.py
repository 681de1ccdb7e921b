"""One pass over the training data with the weights of the epoch's end."""

import keras
from keras import ops

from keras_robust.callbacks import tracker_options
from keras_robust.callbacks.host_rows import HostRows
from keras_robust.training import sources


def run(model, recorder, tracked, verbose):
    """Measures every sample with the model as it predicts: no dropout.

    Args:
        model: The model.
        recorder: The `Recorder` whose signals are wanted.
        tracked: What is known of the data.
        verbose: Whether to show a progress bar.

    Returns:
        `(signals (M, N), counts (N,))`.
    """
    rows = HostRows(recorder, len(tracked.given_label))
    bar = keras.utils.Progbar(
        sources.num_batches(tracked.feed), verbose=verbose, unit_name="recorded"
    )
    batches = sources.in_order(tracked.feed)
    for number, (x, y, position) in enumerate(batches):
        if tracked.dense and number == 0:
            tracker_options.check_masks(model(x, training=False))
        batch = y, model.predict_on_batch(x)
        y, y_pred = keras.tree.map_structure(ops.convert_to_tensor, batch)
        rows.add(position, recorder.measure(y, y_pred))
        bar.add(1)
    return rows.finish()
