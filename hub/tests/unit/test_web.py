"""What comes over HTTP is believed only as far as it can be checked."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.agent.credentials import Credentials, Identity
from hub.agent.web import download, post_json
from hub.errors import (
    ConfigInvalid,
    DownloadFailed,
    DownloadForbidden,
    EnrolmentRefused,
    ProgramUnusable,
    Unreachable,
)

BODY = b"G28\n" * 1000
SHA = hashlib.sha256(BODY).hexdigest()


class Site(http.server.BaseHTTPRequestHandler):
    seen: list[tuple[str, str | None]]
    log_message = lambda *_: None  # noqa: E731

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Authorization")))
        status = {"/forbidden": 403, "/broken": 500, "/moved": 302}.get(self.path, 200)
        self.send_response(status)
        if self.path == "/moved":
            self.send_header("Location", "/program")
        self.send_header("Content-Length", str(len(BODY) + (10 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(BODY)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = {
            "/ok": (201, b'{"a": 1}'),
            "/list": (200, b"[]"),
            "/text": (200, b"<html>"),
            "/used": (409, b'{"title": "Conflict", "detail": "used before"}'),
            "/away": (503, b""),
        }[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def site() -> Iterator[str]:
    handler = type("Handler", (Site,), {"seen": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(url: str, target: Path, *, sha256: str = SHA, max_bytes: int = 1 << 20) -> None:
    download(url, "key", target, sha256=sha256, max_bytes=max_bytes)


def test_a_program_is_fetched_with_its_key(site: str, tmp_path: Path) -> None:
    fetch(f"{site}/program", tmp_path / "p")
    assert (tmp_path / "p").read_bytes() == BODY


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("forbidden", DownloadForbidden),
        ("broken", DownloadFailed),
        ("moved", DownloadFailed),
        ("short", DownloadFailed),
    ],
)
def test_what_is_no_program_is_told_apart(site: str, tmp_path: Path, path: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        fetch(f"{site}/{path}", tmp_path / "p")
    assert type(raised.value) is error


def test_another_program_or_a_longer_one_is_unusable(site: str, tmp_path: Path) -> None:
    with pytest.raises(ProgramUnusable, match="sha256"):
        fetch(f"{site}/program", tmp_path / "p", sha256="0" * 64)
    with pytest.raises(ProgramUnusable, match="more than"):
        fetch(f"{site}/program", tmp_path / "p", max_bytes=100)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "nonsense"])
def test_only_http_is_spoken(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadFailed):
        fetch(url, tmp_path / "p")


def test_nobody_there_is_worth_a_retry(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed):
        fetch("http://127.0.0.1:9/x", tmp_path / "p")
    with pytest.raises(Unreachable):
        post_json("http://127.0.0.1:9/x", {})


def test_answers_to_an_enrolment(site: str) -> None:
    assert post_json(f"{site}/ok", {"x": 1}) == {"a": 1}
    for path in ("list", "text", "away"):
        with pytest.raises(Unreachable):
            post_json(f"{site}/{path}", {})
    with pytest.raises(EnrolmentRefused, match="used before"):
        post_json(f"{site}/used", {})


def test_the_key_pair_is_made_once(tmp_path: Path) -> None:
    identity = Identity(tmp_path)
    assert identity.public_nkey().startswith("U")
    assert Identity(tmp_path).seed() == identity.seed()
    assert identity.load() is None


def test_credentials_survive_and_bad_ones_are_told(tmp_path: Path) -> None:
    answer = {
        "hub_id": "h1",
        "nats_url": "nats://x:4222",
        "nats_jwt": "jwt",
        "machines": [{"id": "m1", "name": "left", "profile_id": "prusa-mk4"}],
        "something_newer": True,
    }
    credentials = Credentials.from_answer(answer)
    Identity(tmp_path).save(credentials)
    assert Identity(tmp_path).load() == credentials
    for change in ({"hub_id": "a.b"}, {"hub_id": None}, {"machines": [{"id": "*"}]}, {"machines": "x"}):
        with pytest.raises(ConfigInvalid):
            Credentials.from_answer(answer | change)
    (tmp_path / "credentials.json").write_text("{")
    with pytest.raises(ConfigInvalid):
        Identity(tmp_path).load()
