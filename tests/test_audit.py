"""`scripts/audit` with a server of our own: what it says of pinned packages, and what it does without one."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[1]
NOWHERE = "http://127.0.0.1:9/"

pytestmark = pytest.mark.slow


def pinned() -> dict[str, str]:
    """Return the versions of the pinned packages."""
    lines = (ROOT / "scripts" / "constraints.txt").read_text().splitlines()
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", line)[0] for line in lines)


def advisory(package: str, fixed: str | None) -> dict[str, object]:
    """Return an advisory as OSV tells it."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges, "versions": [pinned()[package]]}
    times = dict.fromkeys(("published", "modified"), "2026-01-01T00:00:00Z")
    told = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "summary": "a hole", "details": "a hole"}
    return told | times | {"affected": [affected]}


@contextmanager
def osv(advisories: Mapping[str, object]) -> Iterator[str]:
    """Serve the advisories by package, and return the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = advisories.get(asked["package"]["name"])
            body = json.dumps({"vulns": [known]} if known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def audit(url: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the script against a server."""
    command = [sys.executable, str(ROOT / "scripts" / "audit")]
    kept = {name: value for name, value in os.environ.items() if name != "AUDIT"}
    variables = kept | {"AUDIT_URL": url} | environ
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("fixed", "cure"),
    [("99.1", "mended by 99.1: pin it in scripts/constraints.txt"), (None, "no version mends it yet")],
)
def test_a_known_vulnerability_is_named_with_its_cure(fixed: str | None, cure: str) -> None:
    """The script fails and names the package, its version, the advisory and the version that mends it."""
    with osv({"idna": advisory("idna", fixed)}) as url:
        done = audit(url)

    assert (done.returncode, done.stderr) == (1, "")
    named = f"idna {pinned()['idna']} has a known vulnerability (PYSEC-2026-1, CVE-2026-1)"
    assert done.stdout == f"audit: {named}; {cure}\n"


def test_without_an_advisory_all_is_well() -> None:
    """Every package that is pinned for this machine was asked for, and the script passes."""
    with osv({}) as url:
        done = audit(url)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"audit: none of \d\d+ pinned packages has a known vulnerability\n", done.stdout)


def test_without_a_server_the_audit_is_not_made() -> None:
    """That and why is said in one line, and is a failure only where the audit is required."""
    done, required = audit(NOWHERE), audit(NOWHERE, AUDIT="required")

    assert done.returncode == 0
    assert done.stdout.startswith(f"audit: not made, which is no fault unless AUDIT=required: {NOWHERE}: ")
    assert done.stdout.count("\n") == 1
    assert required.returncode == 1
    assert required.stdout.startswith(f"audit: not made: {NOWHERE}: ")
