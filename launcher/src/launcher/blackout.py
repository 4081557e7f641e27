"""Losing a hub on purpose: its agent and its machines end at once, as in a power cut, and stay dark."""

import signal

from launcher.errors import NotRunningError
from launcher.files import write_private
from launcher.folder import DataFolder
from launcher.state import InstanceState


def darken(folder: DataFolder, hub: str) -> None:
    """Kills the agent and the machines of a hub (by its slug) and keeps them from being started.

    Raises NotRunningError where no such hub runs.
    """
    dark = str(folder.dark(hub))
    parts = [part for part in InstanceState.load(folder.state).parts.values() if part.dark == dark]
    if not parts:
        raise NotRunningError(f"no hub {hub} runs on {folder.root}")
    write_private(folder.dark(hub), "")
    for part in parts:
        if part.process is not None:
            part.process.send(signal.SIGKILL)


def relight(folder: DataFolder, hub: str) -> None:
    """Lets the supervisor start the parts of a hub again."""
    folder.dark(hub).unlink(missing_ok=True)
