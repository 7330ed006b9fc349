"""A mail server on loopback, as far as RFC 5321 needs it: what is sent there is kept."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Self

_ANSWERS = {b"EHLO": b"250 mailbox", b"MAIL": b"250 ok", b"RCPT": b"250 ok", b"RSET": b"250 ok", b"QUIT": b"221 bye"}


class Mailbox:
    """Keeps each message; while it `refuses` it takes none."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuses = False
        box = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                self._say(b"220 mailbox ESMTP")
                for line in self.rfile:
                    word = line[:4].upper()
                    if word == b"DATA" and not box.refuses:
                        self._say(b"354 go on")
                        box.messages.append(self._message())
                        self._say(b"250 kept")
                    else:
                        self._say(b"452 full" if word == b"DATA" else _ANSWERS.get(word, b"502 no"))

            def _say(self, line: bytes) -> None:
                self.wfile.write(line + b"\r\n")

            def _message(self) -> EmailMessage:
                lines = iter(self.rfile.readline, b".\r\n")
                # A dot at the beginning of a line was doubled on the way (RFC 5321, 4.5.2).
                body = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
                message = message_from_bytes(body, policy=policy.default)
                assert isinstance(message, EmailMessage)
                return message

        self._server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))

    def address(self) -> str:
        """Return its address as Apprise knows it."""
        port = self._server.server_address[1]
        return f"mailto://127.0.0.1:{port}/?from=news@paper.example&to=me@home.example"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
