"""What KerasTuner's collections of garbage need not look at."""

import functools
import gc


@functools.cache
def loaded_is_none():
    """Lets collections leave out what is there now; once a process.

    KerasTuner collects all garbage twice a trial and looks at every object
    for it, most of them parts of the packages that are loaded: 0.7 seconds a
    trial. What is there now is still let go when nobody refers to it, but for
    objects that refer to each other.
    """
    gc.collect()
    gc.freeze()
