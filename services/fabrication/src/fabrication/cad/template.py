"""The template process: imports CadQuery once, builds nothing, and forks one child a job.

It must never run a boolean or a tessellation itself: OCCT would then have started a thread pool, and every child forked
afterwards would wait for threads that do not exist. It has a clean environment, no sockets and no secrets, because
children inherit all it has.

    python -m fabrication.cad.template PARENT_PID        (jobs on stdin, answers on stdout)
"""

import gc
import importlib
import json
import os
import selectors
import signal
import sys
from pathlib import Path
from typing import Any

from fabrication.cad.isolation.confine import die_with_parent
from fabrication.cad.protocol import JobEnded, KillJob, Ready, RunJob
from fabrication.domain.records import from_record, to_record

PRELOADED = ("cadquery", "cadquery.cqgi", "numpy", "pyclipr", "shapely", "PIL.ImageDraw", "fabrication.cad.child")


class Template:
    """The loop: jobs in, children forked, their ends told."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._selector = selectors.DefaultSelector()
        self._running: dict[int, int] = {}
        self._heard = b""

    def run(self) -> None:
        """Serve until the worker closes its end; whatever still runs then is ended."""
        self._selector.register(self._source, selectors.EVENT_READ, None)
        self._say(Ready(os.getpid(), _versions()))
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    if not self._listen():
                        self._end_all()
                        return
                else:
                    self._reap(key.fd, key.data)

    def _listen(self) -> bool:
        heard = os.read(self._source, 65536)
        *lines, self._heard = (self._heard + heard).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if message["say"] == "run":
                self._fork(from_record(RunJob, message))
            else:
                self._kill(from_record(KillJob, message).id)
        return bool(heard)

    def _fork(self, job: RunJob) -> None:
        template = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become_child(job, template)
        self._running[job.id] = pid
        self._selector.register(os.pidfd_open(pid), selectors.EVENT_READ, job.id)

    def _reap(self, pidfd: int, job_id: int) -> None:
        self._selector.unregister(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(self._running.pop(job_id), 0)
        self._say(
            JobEnded(job_id, os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
        )

    def _kill(self, job_id: int) -> None:
        if job_id in self._running:
            os.kill(self._running[job_id], signal.SIGKILL)

    def _end_all(self) -> None:
        for pid in self._running.values():
            os.kill(pid, signal.SIGKILL)

    def _say(self, message: Any) -> None:
        os.write(self._sink, json.dumps(to_record(message)).encode() + b"\n")


def _become_child(job: RunJob, template: int) -> None:
    """Run the job in the forked child; never returns."""
    try:
        from fabrication.cad.child import run_job

        run_job(job, template)
    finally:
        os._exit(70)


def _versions() -> dict[str, str]:
    return {name: str(sys.modules[name].__version__) for name in ("cadquery", "numpy", "shapely")}


def main() -> None:
    """Warm up and serve."""
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = os.dup(1)
    os.dup2(2, 1)
    for name in PRELOADED:
        importlib.import_module(name)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        sys.exit(f"the template has {threads} threads after its imports; its children would hang")
    gc.collect()
    gc.freeze()
    Template(0, sink).run()


if __name__ == "__main__":
    main()
