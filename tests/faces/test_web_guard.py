"""Who may ask for the page, and what browsers are told of it."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli import cli
from aggregator.domain.errors import UsageError
from aggregator.web.address import chosen
from aggregator.web.guard import HEADERS
from tests.faces.paged import Served, paths_of, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page without a database."""
    with serving(paths_of(tmp_path_factory.mktemp("guarded"))) as served:
        yield served


def asked(served: Served, request: bytes) -> str:
    """Send bytes as they are; return the status line."""
    host, _, port = served.url.removeprefix("http://").rstrip("/").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as channel:
        channel.sendall(request)
        return channel.recv(200).split(b"\r\n")[0].decode()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LocalHost:8080", "[::1]:9999", "127.0.0.1:8080"])
def test_this_machine_may_ask(served: Served, host: str) -> None:
    """By its own names, at any port: a tunnel may begin at another one."""
    assert served.get("/", host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.2", "", "::1"],
)
def test_a_foreign_name_that_leads_here_learns_nothing(served: Served, host: str) -> None:
    """DNS rebinding: the browser of a person on a hostile page is refused by the name it asks for."""
    answer = served.get("/", host=host)

    assert answer.status_code == 421
    assert "aggregator" not in answer.text


def test_a_request_without_a_name_is_refused(served: Served) -> None:
    """HTTP/1.0 needs none, we do; and two names are none."""
    assert " 421 " in asked(served, b"GET / HTTP/1.0\r\n\r\n")
    assert " 400 " in asked(served, b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_the_page_can_only_be_read(served: Served, method: str) -> None:
    """Any other method is refused before it reaches a page."""
    assert served.client.request(method, "/").status_code == 405


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page that acts, without a database."""
    with serving(paths_of(tmp_path_factory.mktemp("acting")), acts=True) as served:
        yield served


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost:8080", "sec-fetch-site": "cross-site"},
    ],
)
def test_another_sites_page_changes_nothing(acting: Served, headers: dict[str, str]) -> None:
    """A form elsewhere that is sent here is refused before it reaches anything (CSRF)."""
    assert acting.client.post("/", headers={"host": "localhost:8080", **headers}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://localhost:8080", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_our_own_pages_and_programs_may_ask_for_changes(acting: Served, headers: dict[str, str]) -> None:
    """The start page takes none, which only the application can tell."""
    answer = acting.client.post("/", headers={"host": "localhost:8080", **headers})

    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_heads_can_be_asked_for(served: Served) -> None:
    """HEAD answers as GET does, without the page."""
    answer = served.client.head("/")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/nothing", "/?min=x", "/static/style.css", "/story/1"])
def test_every_answer_tells_browsers_what_to_refuse(served: Served, path: str) -> None:
    """Also those that refuse."""
    answer = served.get(path)

    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers


def test_the_policy_lets_nothing_foreign_in() -> None:
    """No inline code, no foreign host, no wildcard."""
    policy = HEADERS["content-security-policy"]

    assert policy.startswith("default-src 'none'")
    assert not re.search(r"unsafe|\*|https?:", policy)


def test_mistakes_of_ours_are_told_without_their_trace(tmp_path: Path) -> None:
    """The log gets the trace, the person a page that blames the program."""
    paths = paths_of(tmp_path)
    # A folder in the place of a file is nothing that anybody reckons with.
    paths.database.mkdir()
    (paths.database / "x").touch()
    with serving(paths) as served:
        answer = served.get("/")

    assert answer.status_code in {500, 503}
    assert "Traceback" not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "[2001:db8::1]"])
def test_others_reach_the_page_with_a_password_only(host: str) -> None:
    """Without one the refusal names the cures."""
    with pytest.raises(UsageError, match=r"`aggregator password`.*ssh -L 8080:127\.0\.0\.1:8080"):
        chosen(host, 8080, has_password=False)

    assert chosen(host, 8080, has_password=True).is_ours_alone is False


@pytest.mark.parametrize("host", ["news.example.org", "", "127.0.0.1.example", "127.0.0.1:80"])
def test_the_page_is_served_at_addresses(host: str) -> None:
    """Names are what it is asked for by, not where it is."""
    with pytest.raises(UsageError, match="host_names"):
        chosen(host, 8080, has_password=True)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://127.0.0.1:8080/"),
        ("127.0.0.5", "http://127.0.0.5:8080/"),
        ("::1", "http://[::1]:8080/"),
        ("[::1]", "http://[::1]:8080/"),
    ],
)
def test_any_address_of_this_machine_will_do(host: str, url: str) -> None:
    """Loopback has many, and needs no password."""
    assert chosen(host, 8080, has_password=False).url == url


@pytest.mark.parametrize("command", ["serve", "run", "start"])
def test_commands_refuse_a_public_address_at_once(command: str, tmp_path: Path) -> None:
    """Before anything is opened."""
    places = [f"--config={tmp_path / 'feeds.yaml'}", f"--db={tmp_path / 'news.db'}"]
    refused = CliRunner().invoke(cli, [*places, command, "--host", "0.0.0.0"])

    assert isinstance(refused.exception, UsageError)
    assert list(tmp_path.iterdir()) == []


def names_page(folder: Path, *names: str) -> None:
    """Write a feeds.yaml that names the page."""
    (folder / "feeds.yaml").write_text(f"settings:\n  host_names: [{', '.join(names)}]\nfeeds: []\n")


def test_names_of_the_page_are_those_in_the_settings(tmp_path: Path) -> None:
    """A web server before it asks by them; a change is heeded at once, and a file with faults changes nothing."""
    with serving(paths_of(tmp_path)) as served:
        assert served.get("/", host="news.example.org").status_code == 421

        names_page(tmp_path, "News.Example.org", "other.example")
        assert served.get("/", host="news.example.org").status_code == 200
        assert served.get("/", host="NEWS.example.org:443").status_code == 200
        assert served.get("/", host="evil.news.example.org").status_code == 421

        names_page(tmp_path, "https://news.example.org/")
        assert served.get("/", host="news.example.org").status_code == 200

        names_page(tmp_path, "other.example")
        assert served.get("/", host="news.example.org").status_code == 421
