"""Scripts that try to get out: each attempt runs in a real child and must fail there."""

import os
import socket
from pathlib import Path

import pytest

from fabrication.cad.worker import CadWorker
from fabrication.domain.errors import CadRefused

pytestmark = [pytest.mark.cad, pytest.mark.asyncio(loop_scope="session")]

BOX = "\nshow_object(cq.Workplane().box(1, 1, 1))\n"

ATTEMPTS = {
    "read a secret": "open('{secret}').read()",
    "list a folder": "import os; os.listdir('/')",
    "list the home": "import os; os.listdir('/root')",
    "write beside its folder": "open('{secret}.new', 'w')",
    "write in its own folder": "open('more.txt', 'w')",
    "many files": "[open(str(n), 'w') for n in range(3)]",
    "write in /tmp": "open('/tmp/from-a-script', 'w')",
    "change a mode": "import os; os.chmod('model.py', 0o777)",
    "change a time": "import os; os.utime('model.py', (0, 0))",
    "link": "import os; os.link('model.py', 'other.py')",
    "remove": "import os; os.remove('model.py')",
    "run a program": "import subprocess; subprocess.run(['/bin/true'])",
    "exec": "import os; os.execv('/bin/true', ['true'])",
    "fork": "import os; os.fork()",
    "a process of multiprocessing": "import multiprocessing as m; p = m.get_context('fork').Process(); p.start()",
    "kill its parent": "import os; os.kill(os.getppid(), 9)",
    "kill everybody": "import os; os.kill(-1, 9)",
    "tcp": "import socket; socket.create_connection(('127.0.0.1', {port}), 1)",
    "udp": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "a socket pair": "import socket; socket.socketpair()",
    "its parent's environment": "import os; open(f'/proc/{{os.getppid()}}/environ').read()",
    "its parent's memory": "import os; open(f'/proc/{{os.getppid()}}/mem', 'rb').read(1)",
    "raise a limit": "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))",
    "mount": "import ctypes as c; assert c.CDLL(None, use_errno=True).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "new namespaces": "import ctypes as c; assert c.CDLL(None).unshare(0x10000000) == 0",
    "trace": "import ctypes as c, os; assert c.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0",
    "clone3": "import ctypes as c; c.CDLL(None, use_errno=True).syscall(435, 0, 0); assert c.get_errno() != 38",
    "change user": "import os; os.setuid(1)",
}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_an_attempt_fails(worker: CadWorker, tmp_path: Path, name: str):
    secret = tmp_path / "secret.txt"
    secret.write_text("the password")
    with socket.create_server(("127.0.0.1", 0)) as server:
        attempt = ATTEMPTS[name].format(secret=secret, port=server.getsockname()[1])
        with pytest.raises(CadRefused) as refused:
            await worker.assess((attempt + BOX).encode(), {}, "pla", [])
    assert refused.value.code == "script-error", refused.value.message
    told = refused.value.message
    assert any(word in told for word in ("PermissionError", "OSError", "AssertionError", "ValueError", "Error")), told
    assert not Path("/tmp/from-a-script").exists()
    assert "password" not in told


async def test_the_same_script_without_an_attempt_builds(worker: CadWorker):
    assessment = await worker.assess(BOX.encode(), {}, "pla", [])
    assert assessment.solid.volume_mm3 == pytest.approx(1.0)


async def test_every_layer_of_isolation_holds_here(worker: CadWorker):
    report = await worker.isolation_report()
    assert report.complete, report.missing
    assert set(report.holds) == {"namespaces", "death-signal", "no-dump", "landlock", "limits", "seccomp"}


async def test_the_environment_is_empty(worker: CadWorker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("A_SECRET", "hunter2")
    script = "import os\nassert 'A_SECRET' not in os.environ, 'seen'\nassert 'PATH' not in os.environ, 'seen'" + BOX
    await worker.assess(script.encode(), {}, "pla", [])


async def test_an_endless_loop_ends(worker: CadWorker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "_build_timeout_s", 2.0)
    with pytest.raises(CadRefused) as refused:
        await worker.assess(b"while True:\n    pass\n", {}, "pla", [])
    assert refused.value.code == "timeout"
    monkeypatch.undo()
    assert (await worker.assess(BOX.encode(), {}, "pla", [])).solid.bodies == 1


async def test_sleeping_ends(worker: CadWorker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "_build_timeout_s", 1.0)
    with pytest.raises(CadRefused) as refused:
        await worker.assess(b"import time\ntime.sleep(1000)\n", {}, "pla", [])
    assert refused.value.code == "timeout"


async def test_too_much_memory_is_told(worker: CadWorker):
    with pytest.raises(CadRefused) as refused:
        await worker.assess(b"x = bytearray(6 * 1024**3)\n" + BOX.encode(), {}, "pla", [])
    assert refused.value.code == "memory"


async def test_a_child_that_ends_its_process_is_refused(worker: CadWorker):
    with pytest.raises(CadRefused) as refused:
        await worker.assess(b"import os\nos._exit(3)\n", {}, "pla", [])
    assert refused.value.code == "script-error"


async def test_a_crash_of_the_kernel_is_refused_after_a_second_try(worker: CadWorker):
    with pytest.raises(CadRefused) as refused:
        await worker.assess(b"import ctypes\nctypes.string_at(0)\n", {}, "pla", [])
    assert refused.value.code == "kernel-crash"


async def test_an_outcome_forged_by_the_script_is_data_and_no_more(worker: CadWorker):
    """The script can write its own outcome; what it says of the solid is measured again elsewhere."""
    script = b"""
import os
for fd in range(3, 20):
    try:
        os.write(fd, b'{"value": {"parameters": [], "refused": null}}')
    except OSError:
        pass
os._exit(0)
"""
    with pytest.raises(CadRefused) as refused:
        await worker.assess(script, {}, "pla", [])
    assert refused.value.code in ("invalid-solid", "no-solid")


async def test_children_do_not_outlive_the_worker(tmp_path: Path):
    worker = CadWorker(tmp_path / "work")
    await worker.start()
    template = worker._jobs._template.pid
    assert template is not None
    children = Path(f"/proc/{template}/task/{template}/children").read_text().split()
    assert children == []
    await worker.stop()
    assert not Path(f"/proc/{template}").exists() or os.waitpid(template, os.WNOHANG) is not None


async def test_a_dead_template_is_started_again(worker: CadWorker):
    first = worker._jobs._template.pid
    assert first is not None
    os.kill(first, 9)
    await worker._jobs._template._process.wait()  # type: ignore[union-attr]
    assert (await worker.assess(BOX.encode(), {}, "pla", [])).solid.bodies == 1
    assert worker._jobs._template.pid != first
