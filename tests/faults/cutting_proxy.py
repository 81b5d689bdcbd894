"""A connection that is cut at the worst moment: at COMMIT, before the server hears it or before its answer arrives."""

import socket
import threading
from contextlib import closing, suppress

from sqlalchemy import make_url


class CuttingProxy:
    """Passes bytes to the server and back until a client says COMMIT; then cuts both, before or after it was done."""

    def __init__(self, dsn: str, *, is_committed: bool) -> None:
        url = make_url(dsn)
        self._server = (url.host, url.port)
        self._is_committed = is_committed
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.dsn = url.set(port=self._listener.getsockname()[1]).render_as_string(hide_password=False)
        self.cuts = 0
        self._answers_are_lost = False
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "CuttingProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with closing(client), socket.create_connection(self._server) as server:
                    back = threading.Thread(target=self._pass_back, args=(server, client))
                    back.start()
                    self._pass_on(client, server)
                    with suppress(OSError):
                        server.shutdown(socket.SHUT_RDWR)
                    back.join()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(1 << 16):
            if b"COMMIT\x00" not in data:
                server.sendall(data)
                continue
            self.cuts += 1
            if self._is_committed:
                self._answers_are_lost = True
                server.sendall(data)
                self._answered.wait(30)
            return

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                if self._answers_are_lost:
                    self._answered.set()
                    return
                client.sendall(data)
