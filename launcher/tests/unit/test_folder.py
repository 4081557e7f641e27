import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.errors import AlreadyRunningError, LauncherError
from launcher.files import read_json, write_json
from launcher.folder import DataFolder
from launcher.keys import kept_keys

HOLD = """
import sys, pathlib
from launcher.folder import DataFolder
with DataFolder(pathlib.Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_launchers_cannot_hold_one_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    command = [sys.executable, "-c", HOLD, str(folder.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(AlreadyRunningError, match=f"process {other.pid} "), folder.held():
            pass
        other.kill()
    with folder.held():
        pass


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    with pytest.raises(LauncherError, match="not a data folder"):
        DataFolder(tmp_path).require_ours()


def test_an_empty_a_missing_and_an_own_folder_are_ours(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.require_ours()
    folder.root.mkdir()
    folder.require_ours()
    with folder.held():
        folder.secrets.mkdir()
    folder.require_ours()


def test_forgetting_leaves_the_lock_that_is_held_and_what_is_not_ours(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    with folder.held():
        write_json(folder.ports, {"edge": 1})
        write_json(folder.secrets / "keys.json", {})
        folder.artefacts.symlink_to(outside)
        (folder.root / "notes").write_text("")
        folder.forget()
        assert {entry.name for entry in folder.root.iterdir()} == {"lock", "notes"}
        assert (outside / "kept").exists()


def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_json(tmp_path / "secrets" / "keys.json", {"a": 1})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secrets" / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert [each.name for each in (tmp_path / "secrets").iterdir()] == ["keys.json"]


def test_a_missing_file_is_an_empty_object_and_another_value_an_error(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") == {}
    write_json(tmp_path / "list.json", [1])
    with pytest.raises(TypeError):
        read_json(tmp_path / "list.json")


def test_keys_are_kept_and_told_by_their_hash_alone(tmp_path: Path) -> None:
    keys = kept_keys(tmp_path / "keys.json")
    assert kept_keys(tmp_path / "keys.json") == keys
    assert kept_keys(tmp_path / "others.json") != keys
    assert len(keys.admin) >= 43
    hashes = keys.hashes()
    assert all(len(value) == 64 for value in hashes.values())
    assert keys.admin not in str(hashes)
