"""Files that are written whole or not at all, also on a full disk."""

import errno
import os

import pytest

from pellucid.errors import CheckpointError
from pellucid.training.files import read_json, write_atomically, write_json


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_new_content_replaces_the_old_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "inner" / "file.bin"
    write_atomically(path, b"old")
    write_atomically(path, b"new content")
    assert path.read_bytes() == b"new content"
    assert names(path.parent) == ["file.bin"]


def _full_disk_after(bytes_left):
    write = os.write
    left = [bytes_left]

    def limited(descriptor, data):
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(descriptor, data[: left[0]])
        left[0] -= done
        return done

    return limited


@pytest.mark.parametrize("room", [0, 1, 7])
def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(tmp_path, monkeypatch, room):
    path = tmp_path / "file.bin"
    write_atomically(path, b"the old content")
    monkeypatch.setattr(os, "write", _full_disk_after(room))
    with pytest.raises(CheckpointError, match="the disk is full; the file that was there is unch"):
        write_atomically(path, b"the new content")
    assert path.read_bytes() == b"the old content"
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_the_last_moment_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "file.bin"
    write_atomically(path, b"old")

    def fail(*_arguments):
        raise OSError(errno.EIO, "Input/output error")

    owner = os if step == "fsync" else type(path)
    monkeypatch.setattr(owner, step, fail)
    with pytest.raises(CheckpointError, match="Input/output error"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    write_atomically(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_interruption_while_writing_leaves_no_temporary_file(tmp_path, monkeypatch):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", b"content")
    assert names(tmp_path) == []


def test_what_a_killed_process_left_behind_is_written_over(tmp_path):
    (tmp_path / ".file.tmp").write_bytes(b"half a file that is longer than the new one")
    write_atomically(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.EACCES, "permission denied"), (errno.EROFS, "read-only"), (errno.EDQUOT, "quota")],
)
def test_the_reason_is_told_in_plain_words(tmp_path, monkeypatch, number, reason):
    def refuse(*_arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CheckpointError, match=reason):
        write_atomically(tmp_path / "file", b"content")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(CheckpointError, match="permission denied"):
        write_atomically(folder / "file", b"content")


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "runs").mkdir()
    with pytest.raises(CheckpointError, match="it is a folder"):
        write_atomically(tmp_path / "runs", b"content")
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(CheckpointError, match="folder"):
        write_atomically(tmp_path / "file" / "inner", b"content")


def test_json_comes_back(tmp_path):
    values = {"name": "größe", "list": [1, 2.5, None, True]}
    write_json(tmp_path / "config.json", values)
    assert read_json(tmp_path / "config.json") == values


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00"])
def test_damaged_json_is_an_error_that_names_the_file(tmp_path, content):
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"config\.json.*(damaged|JSON)"):
        read_json(tmp_path / "config.json")


def test_missing_json(tmp_path):
    with pytest.raises(CheckpointError, match="no such file"):
        read_json(tmp_path / "config.json")


def test_what_is_not_a_file_is_left_alone(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(CheckpointError, match="is a device, not a file"):
        write_atomically(pipe, b"x")
    assert pipe.is_fifo()
    with pytest.raises(CheckpointError, match="does not name a file"):
        write_atomically("", b"x")
