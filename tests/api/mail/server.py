"""A mail server for tests: it keeps what it is given, or refuses it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class MailServer:
    """`refused`: addresses of recipients that it does not take."""

    def __init__(self, refused: frozenset[str] = frozenset()) -> None:
        self.refused = refused
        self.mails: list[tuple[str, EmailMessage]] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            with connection, connection.makefile("rwb") as file:
                self._talk(file)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _talk(self, file) -> None:
        def say(line: str) -> None:
            file.write(f"{line}\r\n".encode())
            file.flush()

        say("220 test")
        to = ""
        for raw in file:
            line = raw.decode().strip()
            command = line.upper()
            if command.startswith("RCPT TO:"):
                to = line[len("RCPT TO:") :].strip("<>")
                say("550 no such mailbox" if to in self.refused else "250 ok")
            elif command == "DATA":
                say("354 go on")
                lines: list[bytes] = []
                for text in file:
                    if text.rstrip(b"\r\n") == b".":
                        break
                    lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
                self.mails.append((to, message_from_bytes(b"".join(lines), policy=default)))
                say("250 kept")
            elif command == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


@contextmanager
def mail_server(refused: frozenset[str] = frozenset()) -> Iterator[MailServer]:
    server = MailServer(refused)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)
