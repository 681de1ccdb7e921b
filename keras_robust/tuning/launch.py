"""A search on several processes of one machine: a chief and its workers.

    python -m keras_robust.tuning.launch --workers 2 search.py [arguments]

runs the same script, which makes a tuner of KerasTuner and calls its `search`,
once as the chief, who hands out the trials, and once for every worker. It sets
what KerasTuner reads from the environment: `KERASTUNER_ORACLE_IP`,
`KERASTUNER_ORACLE_PORT` and `KERASTUNER_TUNER_ID`. On several machines set
them yourself, the address that of the chief, an id that begins with "chief"
there and another on each worker, and one shared folder for all.

A worker that dies is started again under its id, and is given the trial again
that it had: none is lost. Only the chief knows all trials, and what stands
after `search` in the script should ask whether it is the chief
(`launch.is_worker()`). `overwrite=True` is for none of them: whoever starts
last would remove what the others have.
"""

import argparse
import importlib.util
import os
import socket
import subprocess
import sys
import time

_ADDRESS = "127.0.0.1"
_LOOK_EVERY = 0.2
_GRACE = 10.0


def is_worker():
    """Whether this process works for a chief in another one."""
    name = os.environ.get("KERASTUNER_TUNER_ID", "chief")
    return "KERASTUNER_ORACLE_IP" in os.environ and "chief" not in name


def main(arguments=None):
    options = _parser().parse_args(arguments)
    if options.workers < 1:
        raise SystemExit(
            "--workers must be at least 1. Received: --workers "
            f"{options.workers}"
        )
    if not os.path.isfile(options.script):
        raise SystemExit(f"There is no such script: {options.script}")
    if importlib.util.find_spec("grpc") is None:
        raise SystemExit(
            "A chief and workers speak gRPC, which KerasTuner does not ask "
            "for. Install it with: pip install 'keras-robust[tune]'"
        )
    return _Processes(options).run()


def _parser():
    made = argparse.ArgumentParser(
        prog="python -m keras_robust.tuning.launch",
        description="Runs a search for hyperparameters on several processes.",
    )
    made.add_argument("--workers", type=int, default=2, help="2 if left out")
    made.add_argument(
        "--restarts",
        type=int,
        default=3,
        help="how often a worker that died is started again (3)",
    )
    made.add_argument(
        "--time-limit",
        type=float,
        metavar="SECONDS",
        help="end everything after this; nothing is lost, run it again",
    )
    made.add_argument("--port", type=int, help="of the chief (a free one)")
    made.add_argument("script", help="makes a tuner and calls its `search`")
    made.add_argument("arguments", nargs=argparse.REMAINDER)
    return made


class _Processes:
    """The chief and the workers; none of them outlives `run`."""

    def __init__(self, options):
        self.options = options
        self.port = options.port or _free_port()
        self.running = {}
        self.restarts = dict.fromkeys(self._workers(), options.restarts)

    def run(self):
        """Returns the exit status of the chief, or 1."""
        begun = time.monotonic()
        limit = self.options.time_limit
        try:
            for name in ("chief", *self._workers()):
                self._start(name)
            while True:
                status = self._look()
                if status is not None:
                    return status
                if limit is not None and time.monotonic() - begun > limit:
                    _say(f"ended by --time-limit {limit:g}")
                    return 1
                time.sleep(_LOOK_EVERY)
        finally:
            self._end_all()

    def _look(self):
        """Starts again who died; returns the status at the end, else None."""
        chief = self.running["chief"].poll()
        if chief is not None:
            _say(f"the chief ended with {chief}")
            return chief
        for name in self._workers():
            status = self.running[name].poll()
            if not status:
                continue
            if not self.restarts[name]:
                _say(f"{name} died again ({status}); see what it printed")
                return 1
            self.restarts[name] -= 1
            _say(f"{name} died ({status}) and is started again")
            self._start(name)
        return None

    def _workers(self):
        return [f"worker{k}" for k in range(self.options.workers)]

    def _start(self, name):
        environment = {
            **os.environ,
            "KERASTUNER_ORACLE_IP": _ADDRESS,
            "KERASTUNER_ORACLE_PORT": str(self.port),
            "KERASTUNER_TUNER_ID": name,
        }
        command = [sys.executable, self.options.script]
        self.running[name] = subprocess.Popen(
            [*command, *self.options.arguments], env=environment
        )

    def _end_all(self):
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + _GRACE
        for process in self.running.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port():
    with socket.socket() as found:
        found.bind((_ADDRESS, 0))
        return found.getsockname()[1]


def _say(text):
    print(f"keras_robust.tuning.launch: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
