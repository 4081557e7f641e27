import resource
from pathlib import Path

import pytest

from hub.append_log import AppendLog, read_records
from hub.data_folder import DataFolder, write_private
from hub.errors import ConfigInvalid, JournalDamaged, JournalUnwritable


def test_what_was_appended_is_there_after_opening_again(tmp_path: Path) -> None:
    log = AppendLog(tmp_path / "log")
    log.append({"n": 1}, {"n": 2, "text": "Größe\n“x”"})
    log.close()
    again = AppendLog(tmp_path / "log")
    again.append({"n": 3})
    assert list(again) == [{"n": 1}, {"n": 2, "text": "Größe\n“x”"}, {"n": 3}]


def test_cut_at_every_byte_it_holds_the_whole_records_before_and_takes_new_ones(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    log = AppendLog(whole)
    records = [{"n": number, "text": "ä" * number} for number in range(6)]
    log.append(*records)
    content = whole.read_bytes()
    for cut in range(len(content) + 1):
        path = tmp_path / f"cut-{cut}"
        path.write_bytes(content[:cut])
        kept = content[:cut].count(b"\n")
        assert list(read_records(path)) == records[:kept]
        opened = AppendLog(path)
        opened.append({"after": cut})
        assert list(opened) == [*records[:kept], {"after": cut}]
        opened.close()


@pytest.mark.parametrize("damage", [b"no json\n", b"[1]\n", b"\xff\xfe\n", b"\n"])
def test_damage_before_the_end_is_no_crash_and_is_told(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"n":1}\n' + damage + b'{"n":2}\n')
    with pytest.raises(JournalDamaged, match="line 2"):
        list(AppendLog(path))


def test_rewriting_replaces_all_at_once(tmp_path: Path) -> None:
    log = AppendLog(tmp_path / "log")
    log.append(*({"n": number} for number in range(100)))
    log.rewrite([{"n": 99}])
    log.append({"n": 100})
    assert list(log) == [{"n": 99}, {"n": 100}]
    assert log.size_bytes == (tmp_path / "log").stat().st_size


def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    log = AppendLog(tmp_path / "log")
    log.append({"n": 1})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, limits[1]))
    try:
        with pytest.raises(JournalUnwritable):
            log.append({"n": 2, "text": "x" * 100})
        log.append({"n": 3})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(log) == [{"n": 1}, {"n": 3}]


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    first = DataFolder(tmp_path / "state")
    with pytest.raises(ConfigInvalid, match="in use"):
        DataFolder(tmp_path / "state")
    first.close()
    DataFolder(tmp_path / "state").close()


def test_private_files_are_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for content in (b"one", b"two"):
        write_private(path, content)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == 0o600
