"""Nobody gets in without the password: sessions, forms, programs, and who guesses."""

import gc
import json
import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from aggregator.adapters.access_file import AccessFile
from aggregator.core.sessions import IDLE, LONGEST, MOST
from aggregator.web.entry.attempts import ALL, EACH
from aggregator.web.guard import HEADERS
from tests.faces.guarded import PASSWORD, Locked, lock, locked_page
from tests.faces.paged import paths_of, serving

MINUTE = timedelta(minutes=1)
#: What anybody may ask for: the way in, what it looks like, and whether all is well. Reader apps have a password of their own.
OPEN = {"/login", "/static/style.css", "/healthz"}
OF_READERS = ("/accounts/ClientLogin", "/reader/api/0/", "/fever", "/api/fever.php", "/api/greader")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """A page with a password, which acts."""
    with locked_page(tmp_path_factory.mktemp("locked")) as page:
        yield page


@pytest.fixture
def locked(page: Locked) -> Locked:
    """The same as if it were new: nobody has tried anything, nobody is in."""
    page.forget()
    return page


@pytest.fixture
def inside(locked: Locked) -> Locked:
    """The same with a browser in which somebody has logged in."""
    assert locked.give().status_code == 303
    return locked


def routes(router: APIRouter) -> Iterator[str]:
    """Yield the addresses of a router and of those in it."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner)
        else:
            assert isinstance(route, APIRoute | Route)
            yield route.path


def addresses() -> set[str]:
    """Return every address of every application that is there, with something for each of its variables."""
    apps = [one for one in gc.get_objects() if isinstance(one, FastAPI)]
    named = {"{name}": "style.css", "{day}": "today", "{form}": "atom"}
    found = {path for app in apps for path in routes(app.router)}
    return {re.sub(r"\{[^}]*\}", lambda part: named.get(part[0], "1"), path) for path in found}


def test_every_address_is_closed_but_those_that_are_meant_to_be_open(locked: Locked) -> None:
    """Whatever is added to the page one day is closed by itself."""
    found = addresses()
    answers = [(path, locked.client.request(method, path)) for path in found for method in ("GET", "POST", "DELETE")]
    reached = {path for path, answer in answers if answer.status_code not in {303, 401}}

    assert {"/", "/feeds", "/story/1", "/search", "/day/today", "/do/merge", "/stories.atom"} <= found
    assert {answer.headers.get("location", "/login").partition("?")[0] for _, answer in answers} == {"/login"}
    assert {path for path in reached if not path.startswith(OF_READERS)} <= OPEN


@pytest.mark.parametrize(
    "path", ["/nothing", "/static", "/static/../feeds", "/login/", "//feeds", "/feeds%00", "/%2e/feeds"]
)
def test_no_way_of_writing_an_address_goes_round_the_door(locked: Locked, path: str) -> None:
    """What is open is named; all else leads to the log-in, also what is not there."""
    answer = locked.client.get(httpx.URL(locked.served.url).copy_with(raw_path=path.encode()))

    assert answer.status_code in {303, 404}
    assert "feeds.yaml" not in answer.text
    assert answer.status_code == 303 or path.startswith("/static/")


def test_the_right_password_leads_to_where_one_wanted_to_go(locked: Locked) -> None:
    """Through the form, with nothing but what a browser without JavaScript sends."""
    asked = locked.client.get("/search?q=ferry&q=two")
    form = locked.client.get(asked.headers["location"])
    (to,) = re.findall(r'name="to" value="([^"]*)"', form.text)
    to = to.replace("&amp;", "&")
    answer = locked.client.post("/login", data={"to": to, "password": PASSWORD})

    assert (asked.status_code, form.status_code, answer.status_code) == (303, 200, 303)
    assert answer.headers["location"] == "/search?q=ferry&q=two"
    assert locked.client.get("/").status_code == 200
    # Who is in needs no form.
    assert locked.client.get("/login?to=/feeds").headers["location"] == "/feeds"


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:x",
        "/\t/evil.example",
        "",
    ],
)
def test_the_log_in_leads_nowhere_else(locked: Locked, to: str) -> None:
    """An address in it that is not ours is the start page's."""
    answer = locked.client.post("/login", data={"to": to, "password": PASSWORD})

    assert answer.headers["location"] == "/"


def test_the_cookie_is_for_us_alone(locked: Locked) -> None:
    """Script cannot read it, other sites' forms do not bring it along; of its token only a hash is kept."""
    given = locked.give().headers["set-cookie"]
    token = given.partition("=")[2].partition(";")[0]
    kept = locked.paths.access

    assert re.fullmatch(r"aggregator=[\w-]{43}; HttpOnly; SameSite=Lax; Path=/; Max-Age=7776000", given)
    assert token not in kept.read_text()
    assert PASSWORD not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_wrong_password_opens_nothing(locked: Locked) -> None:
    """The form comes again and says so."""
    for wrong in ("", f"{PASSWORD} ", PASSWORD.upper(), "x" * 1_500):
        answer = locked.give(wrong)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert "not the password" in answer.text

    assert not locked.is_in
    assert locked.client.post("/login", content=b"password", headers={"content-type": "x/y"}).status_code == 415
    assert locked.give("x" * 20_000).status_code == 413


def test_a_session_outlives_the_server(tmp_path: Path) -> None:
    """It is in the file, by its hash."""
    with locked_page(tmp_path) as first:
        cookie = first.give().headers["set-cookie"].partition(";")[0]
    with locked_page(tmp_path, password=None) as again:
        assert again.served.get("/", cookie=cookie).status_code == 200


def test_a_session_ends_when_it_is_not_used(inside: Locked) -> None:
    """After two weeks; each use counts."""
    for _ in range(3):
        inside.hands.move(IDLE - MINUTE)
        assert inside.is_in
    inside.hands.move(IDLE)

    assert not inside.is_in


def test_a_session_ends_after_ninety_days(inside: Locked) -> None:
    """However much it is used."""
    for _ in range(9):
        assert inside.is_in
        inside.hands.move(LONGEST / 9)

    assert not inside.is_in


def test_logging_out_ends_the_session_for_good(inside: Locked) -> None:
    """Not only in the browser that asks: the token is worth nothing any more."""
    token = inside.client.cookies["aggregator"]
    answer = inside.client.post("/logout", data={"proof": inside.proof()})

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert inside.served.get("/", cookie=f"aggregator={token}").status_code == 303


def test_another_password_ends_all_sessions_at_once(inside: Locked) -> None:
    """Whoever had got in with the old one."""
    lock(inside.paths, "another long password")

    assert not inside.is_in
    assert inside.give().status_code == 403
    assert inside.give("another long password").status_code == 303


def test_sessions_do_not_pile_up(locked: Locked) -> None:
    """The oldest makes room."""
    for _ in range(MOST + 2):
        locked.hands.move(MINUTE)
        assert locked.give().status_code == 303

    assert len(json.loads(locked.paths.access.read_text())["sessions"]) == MOST
    assert locked.is_in


def test_without_a_password_this_machine_needs_none(tmp_path: Path) -> None:
    """No cookie, no proof in forms; the log-in leads to the page."""
    with serving(paths_of(tmp_path)) as served:
        assert served.get("/").status_code == 200
        assert "proof" not in served.get("/").text
        assert served.get("/login").headers["location"] == "/"
        assert "set-cookie" not in served.client.post("/login", data={"password": "x"}).headers


def test_a_page_that_others_reach_is_closed_when_its_password_is_removed(tmp_path: Path) -> None:
    """It was served there because there was one; the answers are those to a wrong password."""
    with locked_page(tmp_path, is_open_without=False) as locked:
        assert locked.give().status_code == 303
        AccessFile(locked.paths.access).remove()

        assert not locked.is_in
        assert locked.show("/metrics").status_code == 401


def test_a_file_that_makes_no_sense_lets_nobody_in(locked: Locked) -> None:
    """This machine neither: there was a password."""
    for content in (
        *(b"", b"{}", b"[]", b"null", b"\xff", b'{"password": "x", "sessions": [1]}'),
        b'{"password": "x", "sessions": [{"digest": "x", "made": "2026-01-01", "used": "2026-01-01"}]}',
        b'{"password": "", "sessions": []}',
    ):
        locked.paths.access.write_bytes(content)
        assert not locked.is_in, content

    assert locked.give("").status_code == 403


def test_a_page_that_only_reads_can_be_logged_in_to(tmp_path: Path) -> None:
    """And out of."""
    with locked_page(tmp_path, acts=False) as locked:
        assert locked.give().status_code == 303
        assert locked.client.post("/logout", data={"proof": locked.proof()}).status_code == 303


# Forms


def test_what_changes_something_needs_the_proof_of_its_session(inside: Locked) -> None:
    """As the first field of a form or as a header; no other session's, no other place, no other method."""
    proof = inside.proof()
    send = inside.client.post
    form = "application/x-www-form-urlencoded"
    boundary = {"content-type": "multipart/form-data; boundary=x"}
    part = f'--x\r\nContent-Disposition: form-data; name="proof"\r\n\r\n{proof}\r\n--x--\r\n'
    # The start page takes no form: what comes as far as it is told so.
    passed = [
        send("/", data={"proof": proof, "more": "x" * 5_000}),
        send("/", headers={"x-csrf-token": proof}, json={}),
        send("/", content=part, headers=boundary),
    ]
    refused = [
        send("/"),
        send("/", data={"more": proof}),
        send("/", data={"more": "x", "proof": proof}),
        send("/", data={"proof": "0" * 64}),
        send("/", data={"proof": f"{proof}0"}),
        send("/", content=f"proof={proof[:-1]}", headers={"content-type": form}),
        send(f"/?proof={proof}"),
        send("/", headers={"x-csrf-token": ""}, data={"proof": proof}),
        send("/", headers={b"x-csrf-token": "ü".encode()}),
        inside.client.put("/"),
        inside.client.delete("/"),
        inside.client.patch("/"),
        send("/logout"),
    ]

    assert {answer.status_code for answer in passed} == {405}
    assert {answer.status_code for answer in refused} == {403}
    assert inside.is_in


def test_each_session_has_a_proof_of_its_own(inside: Locked) -> None:
    """One that somebody else was given does not help."""
    old = inside.proof()
    inside.give()

    assert inside.proof() != old
    assert inside.client.post("/", data={"proof": old}).status_code == 403


def test_the_whole_form_comes_to_the_page(inside: Locked) -> None:
    """What was looked at is not taken from it: a log-out with a large form is a log-out."""
    answer = inside.client.post("/logout", data={"proof": inside.proof(), "more": "x" * 100_000})

    assert answer.status_code == 303
    assert not inside.is_in


def test_every_form_has_the_proof_before_all_else(inside: Locked) -> None:
    """So that it is found, however long the form; files are sent in the same way."""
    text = inside.client.get("/feeds").text
    forms = re.findall(r'<form[^>]* method="post"[^>]*>\s*(<[^>]*>)|<form method="post"[^>]*>\s*(<[^>]*>)', text)

    assert len(forms) >= 3
    assert {first or second for first, second in forms} == {
        f'<input type="hidden" name="proof" value="{inside.proof()}">'
    }


def test_acts_go_through_with_the_proof(inside: Locked) -> None:
    """A list of feeds that is imported, and one that is not ours."""
    opml = {
        "file": ("feeds.opml", '<opml version="2.0"><body><outline xmlUrl="https://a.example/feed"/></body></opml>')
    }
    inside.paths.config.write_text("feeds: []\n")
    refused = inside.client.post("/do/feeds/import", data={"back": "/feeds"}, files=opml)
    done = inside.client.post("/do/feeds/import", data={"proof": inside.proof(), "back": "/feeds"}, files=opml)

    assert (refused.status_code, done.status_code) == (403, 303)
    assert "a.example" in inside.paths.config.read_text()


def test_another_sites_form_is_refused_with_proof_too(inside: Locked) -> None:
    """The guard looks where it comes from, of the log-in as well."""
    origin = {"origin": "https://evil.example"}

    assert inside.client.post("/", data={"proof": inside.proof()}, headers=origin).status_code == 403
    assert inside.give(**origin).status_code == 403


# Programs


@pytest.mark.parametrize("path", ["/api/v1/stories", "/stories.atom", "/stories.rss", "/stories.json", "/metrics"])
def test_programs_show_the_password_each_time(locked: Locked, path: str) -> None:
    """By HTTP Basic, with any user name; without it they are told so."""
    refused = locked.client.get(path)

    assert refused.status_code == locked.show(path, "wrong").status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert refused.headers["cache-control"] == "no-store"
    assert {name: refused.headers[name] for name in HEADERS} == HEADERS
    # Whether there is such a page is not the door's concern.
    assert locked.show(path).status_code in {200, 404, 503}
    assert ("json" in refused.headers["content-type"]) == path.startswith("/api/")


def test_pages_for_people_take_no_password_in_a_header(locked: Locked) -> None:
    """A browser would send it along for ever after, whoever has it do so."""
    assert locked.show("/").status_code == 303
    assert locked.show("/feeds").status_code == 303


@pytest.mark.parametrize(
    "given", ["Basic", "Basic x", "Basic eA==", "Basic /////w==", "Bearer x", "Basic " + "A" * 2_000]
)
def test_headers_that_make_no_sense_show_nothing(locked: Locked, given: str) -> None:
    """They count as none or as a wrong one."""
    assert locked.served.get("/metrics", authorization=given).status_code == 401


# Guessing


def test_after_some_wrong_passwords_none_is_looked_at_for_a_while(locked: Locked) -> None:
    """The right one neither, by form or by header; the wait doubles, and the right one ends it."""
    for _ in range(EACH.free):
        assert locked.give("wrong").status_code == 403

    refused = locked.give()
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "31")
    assert locked.show("/metrics").status_code == 429
    locked.hands.move(timedelta(seconds=EACH.first - 1))
    assert locked.give().status_code == 429

    locked.hands.move(timedelta(seconds=1))
    assert locked.show("/metrics", "wrong").status_code == 401
    locked.hands.move(timedelta(seconds=2 * EACH.first - 1))
    assert locked.give().status_code == 429
    locked.hands.move(timedelta(seconds=1))
    assert locked.give().status_code == 303

    assert [locked.give("wrong").status_code for _ in range(EACH.free + 1)] == [403] * EACH.free + [429]


def test_guesses_at_the_same_time_are_counted_one_by_one(locked: Locked) -> None:
    """None slips by while another is looked at, and one alone takes argon2's memory."""
    with ThreadPoolExecutor(3 * EACH.free) as pool:
        answers = list(pool.map(lambda number: locked.give(f"wrong {number}").status_code, range(3 * EACH.free)))

    assert sorted(answers) == [403] * EACH.free + [429] * 2 * EACH.free


def test_who_is_inside_is_not_held_up_by_who_guesses(inside: Locked) -> None:
    """Sessions go on."""
    for _ in range(EACH.free + 1):
        inside.give("wrong")

    assert inside.is_in


def test_a_program_cannot_guess_what_the_page_remembers(locked: Locked) -> None:
    """The right password is known again without argon2, but not to who gave too many wrong ones."""
    assert locked.show("/metrics").status_code in {200, 404}
    for _ in range(EACH.free):
        locked.show("/metrics", "wrong")

    assert locked.show("/metrics").status_code == 429


# Web servers before the page


def settings(locked: Locked, text: str) -> None:
    """Write feeds.yaml."""
    locked.paths.config.write_text(f"settings:\n  {text}\nfeeds: []\n")


def test_strangers_are_not_believed_who_they_are(locked: Locked) -> None:
    """Another address in X-Forwarded-For buys no further guess, and X-Forwarded-Proto makes nothing safe."""
    for number in range(EACH.free):
        locked.give("wrong", **{"x-forwarded-for": f"192.0.2.{number}"})

    refused = locked.give(**{"x-forwarded-for": "192.0.2.99", "x-forwarded-proto": "https"})
    assert refused.status_code == 429
    locked.hands.move(MINUTE)
    given = locked.give(**{"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert given.startswith("aggregator=")
    assert "Secure" not in given


def test_a_trusted_web_server_tells_who_asks(locked: Locked) -> None:
    """Guesses count for the last address that it does not vouch for: what stands before, anybody may have written."""
    settings(locked, "trusted_proxies: [127.0.0.0/8, 10.0.0.0/8]")
    for number in range(EACH.free):
        locked.give("wrong", **{"x-forwarded-for": f"192.0.2.{number}, 198.51.100.7, 10.1.1.1"})

    assert locked.give(**{"x-forwarded-for": "198.51.100.7"}).status_code == 429
    assert locked.give(**{"x-forwarded-for": "198.51.100.8"}).status_code == 303


def test_over_https_the_cookie_is_for_https_only(locked: Locked) -> None:
    """As the trusted web server says; and no cookie of plain http is taken there."""
    settings(locked, "trusted_proxies: [127.0.0.1]")
    secure = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}
    given = locked.give(**secure).headers["set-cookie"]
    name, _, rest = given.partition("=")
    token, _, attributes = rest.partition(";")

    assert (name, attributes.endswith("; Secure"), "Path=/" in attributes) == ("__Host-aggregator", True, True)
    assert locked.served.get("/", cookie=f"{name}={token}", **secure).status_code == 200
    assert locked.served.get("/", cookie=f"aggregator={token}", **secure).status_code == 303
    assert locked.served.get("/", cookie=f"{name}={token}").status_code == 303


def test_nothing_of_a_session_is_kept_by_browsers(inside: Locked) -> None:
    """After the log-out, going back shows nothing; the log-in is not kept either."""
    for path in ("/", "/feeds", "/login"):
        assert inside.client.get(path).headers["cache-control"] == "no-store"
    assert "immutable" in inside.client.get("/static/style.css").headers["cache-control"]


def test_guesses_from_everywhere_are_slowed_down_together(locked: Locked) -> None:
    """Many addresses guess no faster than some; who came in before is not held up by them."""
    settings(locked, "trusted_proxies: [127.0.0.1]")
    home, stranger = {"x-forwarded-for": "192.0.2.1"}, {"x-forwarded-for": "2001:db8:ffff::1"}
    assert locked.give(**home).status_code == 303
    for number in range(ALL.free):
        assert locked.give("wrong", **{"x-forwarded-for": f"2001:db8:{number:x}::1"}).status_code == 403

    assert locked.give(**stranger).status_code == 429
    assert locked.give(**home).status_code == 303
    locked.hands.move(timedelta(seconds=ALL.first))
    assert locked.give(**stranger).status_code == 303


def test_a_network_is_one_who_guesses(locked: Locked) -> None:
    """Who has an IPv6 network has more addresses than anybody can count."""
    settings(locked, "trusted_proxies: [127.0.0.1]")
    for number in range(EACH.free):
        assert locked.give("wrong", **{"x-forwarded-for": f"2001:db8:aaaa:1::{number:x}"}).status_code == 403

    assert locked.give(**{"x-forwarded-for": "2001:db8:aaaa:1:ffff::1"}).status_code == 429
    assert locked.give(**{"x-forwarded-for": "2001:db8:aaaa:2::1"}).status_code == 303
