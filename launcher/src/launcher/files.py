"""Files that are whole or absent, and readable by their owner alone."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

PRIVATE_FOLDER = 0o700


def write_private(path: Path, text: str) -> None:
    """Replaces `path` in one step by a file of mode 0600; an interrupted write leaves the old one."""
    private_folder(path.parent)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink()
        raise


def write_json(path: Path, value: Any) -> None:
    """`write_private` of a JSON value, for people to read too."""
    write_private(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file, or an empty one where there is no file."""
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{path} does not hold an object")
    return value


def private_folder(path: Path) -> Path:
    """Makes a folder (and its parents) for its owner alone; one that exists is left as it is."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path
