"""One job in its own forked, confined process: from the first file descriptor to the outcome."""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from fabrication.cad.isolation.confine import Isolation, confine, die_with_parent
from fabrication.cad.jobs.assess import assess_solid
from fabrication.cad.jobs.build import build_model
from fabrication.cad.jobs.measure import measure_solid
from fabrication.cad.jobs.program import write_program
from fabrication.cad.jobs.verify import verify_files
from fabrication.cad.protocol import OUTCOME, Outcome, Refusal, RunJob
from fabrication.domain.errors import CadRefused
from fabrication.domain.records import to_record

LAST_DESCRIPTOR = 4096
TRACE_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job is given: its folder, its arguments, the descriptors of its outputs, and how it is confined."""

    folder: Path
    arguments: dict[str, Any]
    outputs: dict[str, int]
    isolation: Isolation

    def write(self, name: str, content: bytes) -> None:
        """Write one of the outputs that were opened before the child was confined."""
        with os.fdopen(self.outputs[name], "wb", closefd=False) as sink:
            sink.write(content)


def _report_isolation(context: JobContext) -> Isolation:
    return context.isolation


JOBS: dict[str, Callable[[JobContext], Any]] = {
    "probe": _report_isolation,
    "build": lambda context: build_model(
        (context.folder / "model.py").read_bytes(), context.arguments, lambda brep: context.write("solid.brep", brep)
    ),
    "measure": lambda context: measure_solid(context.folder / "solid.brep"),
    "assess": lambda context: assess_solid(context.folder / "solid.brep", context.arguments),
    "program": lambda context: write_program(context.folder, context.arguments),
    "verify": lambda context: verify_files(context.folder, context.arguments),
}


def run_job(job: RunJob, template: int) -> NoReturn:
    """Confine this process and run the job; ends the process with 0 once the outcome is written."""
    die_with_parent(template)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    folder = Path(job.folder)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update({"HOME": job.folder, "TMPDIR": job.folder, "OPENBLAS_NUM_THREADS": "1"})
    sys.path.extend(job.python_path)
    outputs = _keep_only({name: folder / name for name in (OUTCOME, *job.outputs)})
    isolation = confine(
        job.limits,
        readable=(folder, *(Path(path) for path in (*job.readable, *job.python_path))),
        writable=(folder,) if job.trusted else (),
    )
    outcome = _attempt(JOBS[job.kind], JobContext(folder, job.arguments, outputs, isolation))
    with os.fdopen(outputs[OUTCOME], "wb") as sink:
        sink.write(json.dumps(to_record(outcome)).encode())
    os._exit(0)


def _keep_only(files: dict[str, Path]) -> dict[str, int]:
    """Open the outputs, send standard streams nowhere, close every other descriptor."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.closerange(3, LAST_DESCRIPTOR)
    return {name: os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644) for name, path in files.items()}


def _attempt(work: Callable[[JobContext], Any], context: JobContext) -> Outcome:
    began = time.monotonic()
    try:
        value = work(context)
    except CadRefused as refused:
        return Outcome(refused=Refusal(refused.code, refused.message, refused.findings))
    except MemoryError:
        return Outcome(refused=Refusal("memory", "it takes more memory than a job may have"))
    except Exception:  # noqa: BLE001  # the end of a process: whatever went wrong is told to the worker
        return Outcome(crashed=traceback.format_exc()[-TRACE_CHARACTERS:])
    return Outcome(value=to_record(value), seconds={"work": round(time.monotonic() - began, 3)})
