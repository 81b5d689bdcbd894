"""A small server on loopback that answers as told, down to the socket, and remembers what it was asked."""

import gzip
import json
import secrets
import socketserver
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET, socket
from typing import Any
from urllib.parse import parse_qs, urlsplit

MARKETPLACE_ID = "A1PA6795UKMFR9"
Reply = Callable[[socket], None]


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def raw(*pieces: bytes, pause: float = 0.0) -> Reply:
    """Exactly these bytes, one piece after the other."""

    def write(connection: socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return write


def answer(status: int, body: bytes = b"", *, length: int | None = None, **headers: str) -> Reply:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
    return raw(head + body)


def as_json(status: int, document: object, **headers: str) -> Reply:
    headers.setdefault("x_amzn_RequestId", "7f1e-request")
    return answer(status, json.dumps(document).encode(), Content_Type="application/json", **headers)


def refusal(status: int, code: str, message: str, details: str = "") -> Reply:
    return as_json(status, {"errors": [{"code": code, "message": message, "details": details}]})


def html(status: int) -> Reply:
    page = b"<!DOCTYPE html><html><head><title>Website Temporarily Unavailable</title></head></html>"
    return answer(status, page, Content_Type="text/html")


def expired_xml(status: int = 403) -> Reply:
    page = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
        b"<Message>Request has expired</Message>"
        b"<X-Amz-Expires>300</X-Amz-Expires></Error>"
    )
    return answer(status, page, Content_Type="application/xml")


def reset(connection: socket) -> None:
    connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def after(seconds: float, reply: Reply) -> Reply:
    def wait(connection: socket) -> None:
        time.sleep(seconds)
        reply(connection)

    return wait


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        line = self.rfile.readline().decode()
        if not line:
            return
        method, target, _ = line.split(" ")
        headers: dict[str, str] = {}
        while (header := self.rfile.readline().decode().strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        parts = urlsplit(target)
        asked = Asked(method, parts.path, parse_qs(parts.query), headers, body)
        with suppress(OSError):  # the client may have given up waiting
            self.server.amazon.reply_to(asked)(self.connection)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    amazon: "FakeAmazon"


class FakeAmazon:
    """``on`` queues answers per path, the last one stays; without any, a path answers 404 as a wrong address does."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[tuple[str, str], list[Reply]] = defaultdict(list)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.amazon = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.logins = 0
        self.token_seconds: object = 3600
        self._replies["POST", "/auth/o2/token"] = [self._log_in]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _log_in(self, connection: socket) -> None:
        with self._lock:
            self.logins += 1
        token = f"Atza|{secrets.token_hex(24)}"
        as_json(200, {"access_token": token, "token_type": "bearer", "expires_in": self.token_seconds})(connection)

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self._replies[method, path] = list(replies)

    def replies(self, method: str, path: str) -> list[Reply]:
        return list(self._replies[method, path])

    def reply_to(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            replies = self._replies[asked.method, asked.path]
            if not replies:
                return answer(404, b"<html>no such page</html>")
            return replies.pop(0) if len(replies) > 1 else replies[0]

    def calls(self, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def offer_document(self, document_id: str, *replies: Reply, compression: str | None = "GZIP") -> None:
        """getReportDocument names an address with a fresh signature each time; the storage answers ``replies``."""
        path = f"/reports/2021-06-30/documents/{document_id}"

        def name_address(connection: socket) -> None:
            url = f"{self.address}/storage/{document_id}?X-Amz-Expires=300&X-Amz-Signature={secrets.token_hex(32)}"
            named = {"reportDocumentId": document_id, "url": url}
            as_json(200, named | ({"compressionAlgorithm": compression} if compression else {}))(connection)

        self.on("GET", path, name_address)
        self.on("GET", f"/storage/{document_id}", *replies)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def report(report_id: str = "744201019124", status: str = "IN_PROGRESS", **more: object) -> dict[str, object]:
    """A report as getReport describes it."""
    return {
        "reportId": report_id,
        "reportType": "GET_VENDOR_SALES_REPORT",
        "processingStatus": status,
        "marketplaceIds": [MARKETPLACE_ID],
        "createdTime": "2026-03-04T05:15:05+00:00",
        "dataStartTime": "2026-02-15T00:00:00+00:00",
        "dataEndTime": "2026-03-01T23:59:59+00:00",
    } | more


def zipped(document: object) -> bytes:
    return gzip.compress(json.dumps(document).encode())
