"""Downloads, from a server on this machine: whole, broken off, resumed, refused."""

import errno
import hashlib
import sys
from pathlib import Path

import pytest

from pellucid.data import cache_dir, fetch
from pellucid.errors import DataError

DATA = bytes(range(256)) * 2000
MD5 = hashlib.md5(DATA).hexdigest()


@pytest.fixture
def target(tmp_path, server):
    server.files["/file.gz"] = DATA
    return tmp_path / "new" / "file.gz"


def part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def get(path, *urls, **options):
    return fetch(urls, path, md5=MD5, **({"progress": False} | options))


def test_whole_and_only_once(target, server):
    seen = []
    url = server.url + "file.gz"
    assert get(target, url, progress=lambda *report: seen.append(report)) == target
    assert target.read_bytes() == DATA
    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    get(target, url)
    assert len(server.requests) == 1
    assert list(target.parent.iterdir()) == [target]


def test_without_a_length(target, server):
    server.length = False
    get(target, server.url + "file.gz")
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("ranges", [True, False])
def test_interrupted_and_continued(target, server, ranges):
    server.ranges = ranges
    server.cut = [100_000]
    with pytest.raises(DataError) as caught:
        get(target, server.url + "file.gz")
    message = str(caught.value)
    assert "interrupted after 100,000 of 512,000 bytes" in message
    assert "100,000 bytes that came are kept; try again" in message
    assert not target.exists()
    assert part_of(target).read_bytes() == DATA[:100_000]
    get(target, server.url + "file.gz")
    assert target.read_bytes() == DATA
    assert server.requests[-1] == ("/file.gz", "bytes=100000-")
    assert not part_of(target).exists()


def test_a_server_that_falls_silent(target, server):
    server.cut = [150_000]
    server.stall.clear()
    with pytest.raises(DataError, match=r"interrupted after [\d,]+ bytes \(timed out\)"):
        get(target, server.url + "file.gz", timeout=0.3)
    assert 0 < part_of(target).stat().st_size <= 150_000
    server.stall.set()
    get(target, server.url + "file.gz")
    assert target.read_bytes() == DATA


def test_the_next_mirror_continues(target, server):
    server.cut = [200_000]
    get(target, server.url + "file.gz", server.url + "file.gz")
    assert target.read_bytes() == DATA
    assert server.requests[1][1] == "bytes=200000-"


def test_the_next_mirror_is_tried(target, server):
    server.files["/wrong.gz"] = DATA[:-1] + b"?"
    get(target, server.url + "absent", server.url + "wrong.gz", server.url + "file.gz")
    assert target.read_bytes() == DATA


def test_a_damaged_first_half_is_thrown_away(target, server):
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(b"x" * 1000)
    get(target, server.url + "file.gz")
    assert target.read_bytes() == DATA
    assert [wanted for _, wanted in server.requests] == ["bytes=1000-", None]


@pytest.mark.parametrize("first", [DATA, DATA + b"more"])
def test_a_part_that_is_whole_or_too_long(target, server, first):
    part_of(target).parent.mkdir()
    part_of(target).write_bytes(first)
    get(target, server.url + "file.gz")
    assert target.read_bytes() == DATA
    assert len(server.requests) == (1 if first == DATA else 2)


def test_all_reasons_are_given(target, server):
    server.files["/wrong.gz"] = b"nothing of the kind"
    nowhere = "http://127.0.0.1:9/"  # the discard port: nobody listens
    with pytest.raises(DataError) as caught:
        get(target, server.url + "absent", server.url + "wrong.gz", nowhere, timeout=2)
    message = str(caught.value)
    assert f"{server.url}absent: not found (HTTP 404)" in message
    found = hashlib.md5(b"nothing of the kind").hexdigest()
    assert f"wrong checksum: the file has md5 {found}, published is {MD5}" in message
    assert f"{nowhere}: not reachable" in message
    assert "is this machine online?" in message
    assert f"put the file into {target.parent} yourself" in message
    assert not part_of(target).exists()


def test_a_full_disk_is_no_fault_of_the_mirror(target, server, monkeypatch):
    opened = Path.open

    def full(self, mode="r", *arguments, **options):
        if mode in ("wb", "ab"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(self, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DataError, match="the disk is full; PELLUCID_CACHE"):
        get(target, server.url + "file.gz", server.url + "file.gz")
    assert len(server.requests) == 1


def test_a_folder_that_cannot_be_made(tmp_path, server):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written: .*; PELLUCID_CACHE chooses"):
        get(tmp_path / "file" / "x.gz", server.url + "file.gz")


def test_ctrl_c_keeps_what_came(target, server):
    def stop(done, total):
        if done > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(target, server.url + "file.gz", progress=stop)
    assert 0 < part_of(target).stat().st_size < len(DATA)
    get(target, server.url + "file.gz")
    assert target.read_bytes() == DATA


class Terminal:
    """A stderr that claims to be one, or not."""

    def __init__(self, terminal):
        self.terminal, self.text = terminal, ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        pass


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_as_text_without_rich(target, server, monkeypatch, terminal):
    stderr = Terminal(terminal)
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    get(target, server.url + "file.gz", progress=True)
    if terminal:
        assert "\rdownloading file.gz: 0.5 of 0.5 MB" in stderr.text
        assert stderr.text.endswith("\n")
    else:
        assert stderr.text == "downloading file.gz (0.5 MB)\n"


def test_progress_with_rich(target, server, monkeypatch):
    pytest.importorskip("rich")
    stderr = Terminal(True)
    monkeypatch.setattr(sys, "stderr", stderr)
    get(target, server.url + "file.gz", progress="auto")
    assert "file.gz" in stderr.text


def test_silent_where_nobody_looks(target, server, capsys):
    get(target, server.url + "file.gz", progress="auto")
    assert capsys.readouterr().err == ""


def test_wrong_progress(target, server):
    with pytest.raises(DataError, match="progress is 'auto', True, False or a function, got 'yes'"):
        get(target, server.url + "file.gz", progress="yes")


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.delenv("PELLUCID_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_dir() == Path("/somewhere/pellucid")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == Path.home() / ".cache" / "pellucid"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_dir() == Path.home() / "Library" / "Caches" / "pellucid"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/appdata")
    assert cache_dir() == Path("/appdata/pellucid")
