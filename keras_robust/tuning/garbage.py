"""What KerasTuner's collections of garbage need not look at."""

import gc
import weakref


def leave_out_loaded(make):
    """Lets collections leave out what is there now, for a search.

    KerasTuner collects all garbage twice a trial and looks at every object
    for it, most of them parts of the packages that are loaded: 0.7 seconds a
    trial. What is there now is still let go when nobody refers to it, but
    objects that refer to each other, as those of a model do, only later: when
    the search ends or the hypermodel is gone. Where objects are frozen
    already, they are left to whoever did it.

    Args:
        make: Function without arguments that makes the hypermodel; it refers
            to itself, so it must not be there yet.

    Returns:
        The hypermodel, and a function without arguments that ends it, which
        may be called again.
    """
    if gc.get_freeze_count():
        return make(), _nothing
    gc.collect()
    gc.freeze()
    made = make()
    ends = weakref.finalize(made, gc.unfreeze)
    ends.atexit = False
    return made, ends


def end_with_search(tuner, ends):
    """Calls `ends` when the search of a tuner has ended; once is enough."""
    if "on_search_end" in vars(tuner):
        return
    own = tuner.on_search_end

    def on_search_end():
        ends()
        own()

    tuner.on_search_end = on_search_end


def _nothing():
    pass
