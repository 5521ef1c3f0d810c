"""The one client that asks other machines over HTTP.

- Each address that a name stands for is checked, and the very address that was checked is called: no private network,
  no metadata service, whatever the name says a moment later.
- No redirect is followed, no cookie kept, no proxy of the environment asked.
- Bytes and time are capped: what has not answered by the deadline is cut off.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

DEADLINE = 10.0  # seconds, from the first look-up to the last byte
CONNECT = 5.0  # seconds
LARGEST_ANSWER = 256 * 1024  # bytes that are read; what follows is left
LARGEST_REQUEST = 10 * 1024 * 1024
USUAL = {"User-Agent": "crm", "Accept-Encoding": "identity"}
NAT64 = IPv6Network("64:ff9b::/96")


class Unreachable(Exception):
    """No answer came; the text is a whole sentence. `sent`: the request may have arrived."""

    def __init__(self, message: str, sent: bool = False) -> None:
        super().__init__(message)
        self.message, self.sent = message, sent


class Forbidden(Unreachable):
    """An address that is not called, whoever asks; to try again is of no use."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # by lower-case name

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Client:
    """`private` lets it call machines of private networks: for tests and development."""

    private: bool = False
    deadline: float = DEADLINE
    largest: int = LARGEST_ANSWER

    def ask(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
        """The answer, whatever its status. Raises Unreachable, and Forbidden for what is not called."""
        place = _place(url)
        if body is not None and len(body) > LARGEST_REQUEST:
            raise Forbidden(f"The request is larger than {LARGEST_REQUEST // 1024 // 1024} MB.")
        until = time.monotonic() + self.deadline
        connection = _Connection(place, checked(str(place.hostname), _port(place), self.private), until)
        try:
            with _cut_off(connection, until):
                return self._answer(connection, place, method, headers or {}, body, until)
        finally:
            connection.close()

    def _answer(
        self, connection: _Connection, place: SplitResult, method: str, headers: Mapping[str, str], body: bytes | None,
        until: float,
    ) -> Answer:  # fmt: skip
        host = str(place.hostname)
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            raise Unreachable(f"{host} cannot be reached: {_said(error, until)}.") from error
        target = (place.path or "/") + (f"?{place.query}" if place.query else "")
        try:
            connection.request(method, target, body=body, headers={**USUAL, **headers})
            found = connection.getresponse()
            if time.monotonic() >= until:  # cut off within the headers, which looks like their end
                raise TimeoutError
            told = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, found.read(self.largest), told)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"{host} did not answer: {_said(error, until)}.", sent=True) from error


def checked(host: str, port: int, private: bool = False) -> tuple[str, int]:
    """The address to call for a name. Raises Unreachable where there is none, Forbidden where one is not public."""
    try:
        found = [str(at[4][0]) for at in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"There is no address for {host}: {_said(error)}.") from error
    for address in found:
        if not private and not is_public(address):
            raise Forbidden(f"{host} is a machine of a private network ({address}), which is not called from here.")
    return found[0], port


def is_public(address: str) -> bool:
    """Whether it is an address of the public network; an IPv4 address inside an IPv6 one is looked at too."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is not None:
            found = inner
        elif found in NAT64:
            found = IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast


class _Connection(http.client.HTTPConnection):
    """To the address that was checked, under the name that was asked for."""

    def __init__(self, place: SplitResult, address: tuple[str, int], until: float) -> None:
        super().__init__(str(place.hostname), _port(place), timeout=CONNECT)
        self._address, self._secure, self._until = address, place.scheme == "https", until

    def connect(self) -> None:
        left = max(0.1, min(CONNECT, self._until - time.monotonic()))
        self.sock = socket.create_connection(self._address, timeout=left)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._secure:
            self.sock = _context().wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(max(0.1, self._until - time.monotonic()))


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextmanager
def _cut_off(connection: _Connection, until: float) -> Iterator[None]:
    """A server that sends a byte now and then keeps every single wait short: so the whole is timed."""
    timer = threading.Timer(max(0.0, until - time.monotonic()), _shut, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(connection: _Connection) -> None:
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _place(url: str) -> SplitResult:
    try:
        place = urlsplit(url)
        port_is_right = place.port is None or 0 < place.port < 65536
    except ValueError:
        raise Forbidden("The address of the channel cannot be understood.") from None
    if place.scheme not in ("http", "https") or not place.hostname or not port_is_right:
        raise Forbidden("The address of the channel does not begin with https://.")
    if place.username or place.password:
        raise Forbidden("The address of the channel holds a name or password; put them into a header.")
    return place


def _port(place: SplitResult) -> int:
    return place.port or (443 if place.scheme == "https" else 80)


def _said(error: BaseException, until: float | None = None) -> str:
    if isinstance(error, TimeoutError) or (until is not None and time.monotonic() >= until - 0.05):
        return "it took too long"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it hung up"
    return str(getattr(error, "strerror", None) or error or type(error).__name__).strip(" .")


__all__ = ["Answer", "Client", "Forbidden", "Unreachable", "checked", "is_public"]
