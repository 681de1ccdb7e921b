"""Reading a PyDataset ahead, in threads or processes."""

from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import ThreadPoolExecutor

# What the processes of a pool read, each its own copy.
_SOURCE = []


def read_ahead(source, order):
    """Yields `(number, source[number])` in order, read by its workers.

    Args:
        source: A `PyDataset`.
        order: The numbers of the batches.
    """
    pool, read = _pool(source)
    waiting = deque()
    try:
        for number in order:
            waiting.append((number, pool.submit(read, number)))
            if len(waiting) >= max(source.max_queue_size, 1):
                yield _finished(waiting)
        while waiting:
            yield _finished(waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(source):
    if source.use_multiprocessing:
        # Anew for every pass: the source may change between epochs.
        pool = ProcessPoolExecutor(source.workers, None, _keep, (source,))
        return pool, _read
    return ThreadPoolExecutor(source.workers), source.__getitem__


def _finished(waiting):
    number, future = waiting.popleft()
    return number, future.result()


def _keep(source):
    _SOURCE[:] = [source]


def _read(number):
    return _SOURCE[0][number]
