"""A service on loopback that takes notices by Apprise's json://."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self


class Noticeboard:
    """Keeps subject and text of each notice; `status` is what it answers, once it may `go`."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, str]] = []
        self.status = 200
        self.asked = 0
        self.go = Event()
        self.go.set()
        board = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                notice = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                board.asked += 1
                board.go.wait(30)
                if board.status == 200:
                    board.notices.append((notice["title"], notice["message"]))
                self.send_response(board.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))

    def address(self, *, user: str = "me:you") -> str:
        """Return its address as Apprise knows it."""
        return f"json://{user}@127.0.0.1:{self._server.server_port}/board"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
