"""Which apps may read: those that know a password of its own, and none until there is one."""

import hashlib
import json
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.adapters.reader_password import Proof, ReaderPassword
from aggregator.bootstrap.paths import Paths
from aggregator.cli import cli
from aggregator.domain.errors import AggregatorError
from aggregator.web.readers.addresses import BASES, FEVER
from aggregator.web.readers.asking import LARGEST, Asked, Refused
from aggregator.web.readers.door import ATTEMPTS, SECONDS, Attempts, Door
from aggregator.web.readers.routes import Readers
from tests.faces.eventful import Newsroom
from tests.faces.paged import paths_of, serving
from tests.faces.shelved import Shelved, shelved

README = (Path(__file__).parents[2] / "README.md").read_text()


@pytest.fixture(scope="module")
def ready(filled: tuple[Path, Newsroom], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelved]:
    """An app on a page that only reads."""
    with shelved(filled, tmp_path_factory.mktemp("door"), acts=False) as ready:
        yield ready


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> tuple[Paths, str]:
    """Places with a password."""
    paths = paths_of(tmp_path_factory.mktemp("secret"))
    return paths, ReaderPassword(paths.reader_password).make()


def asked(*, sender: str = "192.0.2.1", authorization: str = "", **values: str) -> Asked:
    """Return what an app asks."""
    given = {name: [value] for name, value in values.items()}
    return Asked(is_post=True, sender=sender, authorization=authorization, body=b"", values=given)


def proof_of(paths: Paths) -> Proof:
    """Return what proves the password there."""
    proof = ReaderPassword(paths.reader_password).read()
    assert proof is not None
    return proof


def test_without_a_password_there_are_no_such_addresses(tmp_path: Path) -> None:
    """Nobody can tell that apps might be let in."""
    with serving(paths_of(tmp_path)) as served:
        nowhere = served.get("/no/such/address")
        for path in (*FEVER, *(f"{base}/accounts/ClientLogin" for base in BASES), "/reader/api/0/token"):
            for answer in (served.get(path), served.client.post(path)):
                assert answer.status_code == nowhere.status_code == 404
                assert len(answer.text) <= len(nowhere.text)


def test_a_log_in_is_answered_as_apps_expect(ready: Shelved) -> None:
    """Lines of text, or JSON where it is asked for; any user name will do, in any of the addresses."""
    for base in BASES:
        form = {"Email": "somebody", "Passwd": ready.app.password}
        lines = ready.app.served.client.post(f"{base}/accounts/ClientLogin", data=form).text.splitlines()
        fields = ready.app.served.client.post(f"{base}/accounts/ClientLogin", data={**form, "output": "json"}).json()

        assert lines == [f"{name}={value}" for name, value in fields.items()]
        assert fields["Auth"] == ready.app.auth["authorization"].removeprefix("GoogleLogin auth=")


def test_who_has_not_logged_in_is_told_so(ready: Shelved) -> None:
    """401 with the header that makes apps log in anew, whatever is asked for and however it is wrong."""
    good = ready.app.auth["authorization"]
    for header in (
        "",
        "GoogleLogin auth=",
        "GoogleLogin auth=aggregator/none",
        good[:-1],
        f"Basic {good}",
        good.replace("auth", "key"),
    ):
        for call in ("token", "stream/items/ids", "edit-tag", "nothing"):
            answer = ready.app.served.client.post(
                f"/reader/api/0/{call}", headers={"authorization": header} if header else {}
            )
            assert (answer.status_code, answer.headers["x-reader-google-bad-token"]) == (401, "true")


def test_passwords_are_not_taken_from_addresses(ready: Shelved) -> None:
    """They would stand in logs."""
    answer = ready.app.served.get(f"/accounts/ClientLogin?Email=me&Passwd={ready.app.password}")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_what_is_too_large_is_not_read(ready: Shelved) -> None:
    """Neither in bytes nor in parts."""
    post = ready.app.served.client.post
    form = {"content-type": "application/x-www-form-urlencoded"}

    assert post("/accounts/ClientLogin", content=b"x" * (LARGEST + 1), headers=form).status_code == 413
    assert post("/accounts/ClientLogin", content=b"a&" * 20_001, headers=form).status_code == 400


def test_other_sites_pages_cannot_ask(ready: Shelved) -> None:
    """What stands before every page stands before these."""
    post = ready.app.served.client.post

    assert post("/fever/?api", headers={"origin": "https://evil.example"}).status_code == 403
    assert post("/fever/?api", headers={"host": "evil.example"}).status_code == 421


def test_only_the_password_opens(secret: tuple[Paths, str]) -> None:
    """What apps show follows from it; wrong ones are all answered alike."""
    paths, password = secret
    door, proof = Door(paths), proof_of(paths)
    shown = door.log_in(proof, asked(Email="aggregator", Passwd=password))
    told = set()
    for wrong in (password[:-1], f"{password}x", "", password.upper()):
        with pytest.raises(Refused) as refused:
            door.log_in(proof, asked(Email="aggregator", Passwd=wrong, sender=wrong))
        told.add((refused.value.status, refused.value.told))

    assert told == {(HTTPStatus.UNAUTHORIZED, "Error=BadAuthentication\n")}
    assert door.admit(proof, asked(authorization=f"GoogleLogin auth={shown}")) == shown.partition("/")[2]


def test_log_ins_are_counted(secret: tuple[Paths, str]) -> None:
    """After a few wrong ones even the right one has to wait, and only whoever sent them; Fever's right key always opens."""
    paths, password = secret
    moment = 0.0
    door, proof = Door(paths, attempts=Attempts(lambda: moment)), proof_of(paths)
    for _ in range(ATTEMPTS):
        with pytest.raises(Refused, match="BadAuthentication"):
            door.log_in(proof, asked(Passwd="guess"))

    with pytest.raises(Refused, match="wait 60 seconds") as refused:
        door.log_in(proof, asked(Passwd=password))
    assert (refused.value.status, refused.value.headers["retry_after"]) == (HTTPStatus.TOO_MANY_REQUESTS, "61")
    with pytest.raises(Refused, match="wait"):
        door.admit_fever(proof, asked(api_key="0" * 32))
    assert not door.admit_fever(proof, asked())
    assert door.admit_fever(proof, asked(api_key=hashlib.md5(f"aggregator:{password}".encode()).hexdigest().upper()))
    assert door.log_in(proof, asked(Passwd=password, sender="192.0.2.2"))
    moment = SECONDS
    assert door.log_in(proof, asked(Passwd=password))


def test_many_senders_take_no_room() -> None:
    """Those who failed first are forgotten."""
    attempts = Attempts(lambda: 0.0)
    for number in range(5_000):
        attempts.failed(str(number))

    assert len(attempts._failed) == 1_000


def test_what_is_sent_along_with_changes_grows_old(secret: tuple[Paths, str]) -> None:
    """It is good for a week at least and two at most; none, and what stands for none, will do."""
    paths, password = secret
    now = datetime(2026, 3, 2, tzinfo=UTC)
    door, proof = Door(paths, clock=lambda: now), proof_of(paths)
    token = door.log_in(proof, asked(Passwd=password)).partition("/")[2]
    given = door.writing_token(token)

    assert len(given) == 57
    for sent in (given, "", "x"):
        door.require_writing_token(token, asked(T=sent))
    now += timedelta(days=7)
    door.require_writing_token(token, asked(T=given))
    now += timedelta(days=7)
    for sent in (given, "nonsense", "ß"):
        with pytest.raises(Refused) as refused:
            door.require_writing_token(token, asked(T=sent))
        assert refused.value.headers == {"x-reader-google-bad-token": "true"}


def test_another_password_shuts_out_who_knew_the_one_before(tmp_path: Path) -> None:
    """Log-ins die with it."""
    paths = paths_of(tmp_path)
    kept = ReaderPassword(paths.reader_password)
    first = kept.make()
    token = proof_of(paths).token_for(first)
    second = kept.make()

    assert token is not None
    assert proof_of(paths).is_token(token) is False
    assert proof_of(paths).token_for(first) is None
    assert proof_of(paths).token_for(second) is not None
    assert first != second
    assert kept.remove() is True
    assert kept.read() is None
    assert kept.remove() is False


def test_the_file_lets_nobody_in(tmp_path: Path) -> None:
    """It is ours alone to read, and has neither the password nor what apps show; one that makes no sense is none."""
    path = tmp_path / "news.db.readers"
    password = ReaderPassword(path).make()
    content = path.read_text()
    digest = hashlib.md5(f"aggregator:{password}".encode()).hexdigest()
    proof = ReaderPassword(path).read()
    assert proof is not None

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(content)) == {"salt", "token", "fever"}
    assert all(secret not in content for secret in (password, digest, str(proof.token_for(password))))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    for nonsense in (b"", b"[]", b"{}", b'{"salt": 1, "token": "00", "fever": "00"}', b"\xff"):
        path.write_bytes(nonsense)
        assert ReaderPassword(path).read() is None


def test_a_password_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(AggregatorError, match="cannot be written"):
        ReaderPassword(tmp_path / "nowhere" / "news.db.readers").make()
    (tmp_path / "folder").mkdir()
    with pytest.raises(AggregatorError, match="cannot be removed"):
        ReaderPassword(tmp_path / "folder").remove()


def test_the_command_prints_all_that_an_app_asks_for(tmp_path: Path) -> None:
    """User, password and addresses on stdout, once; --off takes it back."""

    def run(*words: str) -> tuple[int, str, str]:
        found = CliRunner().invoke(cli, [f"--db={tmp_path / 'news.db'}", "reader-password", *words])
        return found.exit_code, found.stdout, found.stderr

    code, told, aside = run("--url", "https://news.example/")
    password = re.findall(r"^password +([a-z2-9]{5}(?:-[a-z2-9]{5}){4})$", told, re.MULTILINE)
    proof = ReaderPassword(tmp_path / "news.db.readers").read()

    assert (code, len(password)) == (0, 1)
    assert proof is not None
    assert proof.token_for(password[0])
    assert "https://news.example/api/greader.php\n" in told
    assert "https://news.example/fever/\n" in told
    assert password[0] not in aside
    assert run("--off")[0] == 0
    assert "no password" in run("--off")[2]
    assert not (tmp_path / "news.db.readers").exists()


def test_every_address_of_apps_is_told(tmp_path: Path) -> None:
    """README's section has each call and each part of Fever, and no other."""
    section = README.partition("### In the reader app you have")[2].partition("\n## ")[0]
    readers = Readers(paths_of(tmp_path), None)
    told = re.findall(r"`([a-z-]+(?:/[a-z-]+)*/?)`", section.partition("Calls behind")[2].partition("\n\n")[0])
    parts = re.findall(r"`([a-z_]+)`", section.partition("Fever answers")[2].partition(";")[0])

    assert sorted(told) == sorted(readers.calls)
    assert sorted(parts) == sorted(readers.fever.parts)
    assert all(
        f"`{path}`" in section for path in (*filter(None, BASES), *FEVER, "/accounts/ClientLogin", "/reader/api/0/")
    )
