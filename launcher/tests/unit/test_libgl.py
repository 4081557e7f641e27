from pathlib import Path

import pytest

from launcher import libgl
from launcher.errors import LauncherError
from launcher.libgl import library_path

ABSENT = "libfabmesh-none.so.9"


def test_where_it_is_nothing_is_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libgl, "LIBRARY", "libc.so.6")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    assert library_path(tmp_path / "libgl") == "/opt/lib"
    assert not (tmp_path / "libgl").exists()


def test_what_was_brought_before_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libgl, "LIBRARY", ABSENT)
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    home = tmp_path / "usr" / "lib" / "x86_64-linux-gnu"
    home.mkdir(parents=True)
    (home / ABSENT).write_text("")
    assert library_path(tmp_path) == str(home)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    assert library_path(tmp_path) == f"{home}:/opt/lib"


def test_without_apt_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libgl, "LIBRARY", ABSENT)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LauncherError, match="install libgl1"):
        library_path(tmp_path / "libgl")
    assert libgl.main([str(tmp_path / "libgl")]) == 1


def test_it_wants_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert libgl.main([]) == 2
    assert "usage" in capsys.readouterr().err
