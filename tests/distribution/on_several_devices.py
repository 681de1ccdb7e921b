"""Records on several (virtual) devices; a program of its own, because Keras
and its backends fix their devices when they start.

`python -m tests.distribution.on_several_devices WAY FOLDER` with WAY data,
model (JAX), mirrored (TensorFlow) or ddp (PyTorch); it raises where a value is
not at its place. It prints `MET` when the devices have found each other; what
fails between `MEETING` and that is the machine's.
"""

import faulthandler
import os
import socket
import sys
from datetime import timedelta

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

import keras  # noqa: E402
import numpy as np  # noqa: E402

from keras_robust import callbacks  # noqa: E402
from keras_robust import losses  # noqa: E402
from keras_robust.losses import schedules  # noqa: E402
from tests.training import frozen  # noqa: E402

# The last batch is partial, and shared out all the same.
COUNT, BATCH = 28, 8
MEETING, MET = "processes meet", "devices met"
# Seconds, after which a process says where it hangs, and ends.
LONGEST = 120


def data():
    """Batches are split over four devices."""
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    record(frozen.classifier(outputs=4))
    rise = schedules.Linear(0.2, 1.0, end_epoch=4)
    loss = losses.GeneralizedCrossEntropy(q=rise)
    follow(frozen.classifier(loss), loss)


def model():
    """So are the weights, over two of them."""
    mesh = keras.distribution.DeviceMesh((2, 2), ("batch", "model"))
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*kernel"] = (None, "model")
    keras.distribution.set_distribution(
        keras.distribution.ModelParallel(
            layout_map=layout, batch_dim_name="batch"
        )
    )
    record(frozen.classifier(outputs=4))


def mirrored():
    """Two replicas of the model."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        made = frozen.classifier(metrics=["accuracy"])
    record(made)
    rise = schedules.Linear(0.2, 1.0, end_epoch=4)
    loss = losses.GeneralizedCrossEntropy(q=rise)
    with strategy.scope():
        made = frozen.classifier(loss)
    follow(made, loss)


def record(made):
    print(MET, flush=True)
    x, labels = frozen.samples(COUNT)
    tracker = frozen.tracker()
    options = {"batch_size": BATCH, "epochs": 2, "verbose": 0}
    tracker.fit(made, x, labels, **options)
    frozen.check(tracker, made, x, labels, 2)
    # And on, now that the model is built.
    tracker.fit(made, x, labels, **options)
    frozen.check(tracker, made, x, labels, 4)


def follow(made, loss):
    """The epoch is the same on every device."""
    x, labels = frozen.samples(COUNT)
    warm_up = callbacks.CrossEntropyWarmUp(2)
    logs = made.fit(
        *(x, labels), batch_size=COUNT, epochs=5, verbose=0, callbacks=[warm_up]
    )
    y_pred = keras.ops.convert_to_tensor(made.predict(x, verbose=0))
    of_epochs = [losses.CrossEntropy()] * 2 + [loss.at(e) for e in (2, 3, 4)]
    expected = [float(each(labels, y_pred)) for each in of_epochs]
    np.testing.assert_allclose(logs.history["loss"], expected, rtol=1e-5)


def ddp():
    """Two processes, each with its part of every epoch."""
    import torch.multiprocessing

    folder = sys.argv[2]
    torch.multiprocessing.spawn(_process, args=(folder,), nprocs=2)
    from keras_robust.trajectories import Trajectories

    parts = [
        Trajectories.load(os.path.join(folder, f"{rank}.npz"))
        for rank in range(2)
    ]
    found = Trajectories.merge(parts)
    x, labels = frozen.samples(COUNT)
    np.testing.assert_array_equal(found.counts, 1)
    made = frozen.begun_alike(frozen.classifier(None, None))
    outputs = made.predict(x, verbose=0)
    expected = frozen.signals(outputs, labels, from_logits=True)
    for name, values in found.signals.items():
        for epoch in values:
            np.testing.assert_allclose(
                epoch, expected[name], rtol=1e-5, atol=1e-5
            )


def _process(rank, folder):
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    import torch
    from torch.nn.parallel import DistributedDataParallel
    from torch.utils.data import DataLoader
    from torch.utils.data import DistributedSampler
    from torch.utils.data import TensorDataset

    # Else gloo takes the address of the machine's name, which may lead nowhere.
    interfaces = [name for _, name in socket.if_nameindex()]
    if "lo" in interfaces:
        os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    print(MEETING, flush=True)
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/meet",
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=30),
    )
    torch.distributed.barrier()
    print(MET, flush=True)
    made = frozen.begun_alike(frozen.classifier(None, None))
    made = DistributedDataParallel(made)
    x, labels = frozen.samples(COUNT)
    parts = torch.arange(COUNT), torch.tensor(x), torch.tensor(labels)
    source = TensorDataset(*parts)
    sampler = DistributedSampler(source, num_replicas=2, rank=rank)
    tracker = frozen.tracker(from_logits=True)
    tracker.samples(labels)
    # A frozen model still goes through every part of the step.
    optimizer = torch.optim.SGD(made.parameters(), lr=0.0)
    for epoch in range(2):
        sampler.set_epoch(epoch)
        for ids, batch, given in DataLoader(source, BATCH, sampler=sampler):
            logits = made(batch)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, given).backward()
            optimizer.step()
            tracker.update(ids, given, logits)
        tracker.end_epoch()
    tracker.trajectories.save(f"{folder}/{rank}.npz")
    torch.distributed.barrier()
    # Not by returning: taking a DistributedDataParallel apart sometimes waits
    # forever, for a thread of gloo that waits for Python.
    os._exit(0)


if __name__ == "__main__":
    faulthandler.dump_traceback_later(LONGEST + 30, exit=True)
    globals()[sys.argv[1]]()
