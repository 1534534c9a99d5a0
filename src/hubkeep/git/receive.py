"""The words of a push: what a client asks for, what it is told. Bytes in, facts out; facts in, bytes out.

Source: git's `gitprotocol-pack` and `gitprotocol-common`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hubkeep.git.errors import BadPack
from hubkeep.git.packed_refs import RefLine

ZERO = "0" * 40
CAPABILITIES = "report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 agent=hubkeep"
MAX_COMMAND_BYTES = 4 << 20
_BAND_BYTES = 65_515  # of a side-band packet: 65,520 less length and band number
_LINE = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)\n?")


@dataclass(frozen=True, slots=True)
class Command:
    """A ref's move as a client asks for it; None where git writes zeros."""

    ref: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """All that stands before the pack."""

    commands: tuple[Command, ...] = ()
    capabilities: frozenset[str] = frozenset()

    @property
    def atomic(self) -> bool:
        """True when all refs must move, or none."""
        return "atomic" in self.capabilities

    @property
    def side_band(self) -> bool:
        """True when the client reads messages beside the report."""
        return "side-band-64k" in self.capabilities

    @property
    def has_pack(self) -> bool:
        """True when a pack follows: it does unless refs are only deleted."""
        return any(command.new is not None for command in self.commands)


class CommandReader:
    """Gathers bytes until the commands are complete."""

    def __init__(self) -> None:
        self._gathered = bytearray()
        self._read = 0
        self._lines: list[bytes] = []

    def feed(self, data: bytes) -> bytes | None:
        """Take bytes; None while commands may follow, else what stands behind them.

        Raises:
            BadPack: this is no push.
        """
        self._gathered += data
        while len(self._gathered) - self._read >= 4:
            try:
                length = int(bytes(self._gathered[self._read : self._read + 4]), 16)
            except ValueError:
                raise BadPack(reason="the push does not begin with packet lines") from None
            if length == 0:
                return bytes(self._gathered[self._read + 4 :])
            if length < 4 or self._read > MAX_COMMAND_BYTES:
                raise BadPack(reason="the push has a broken packet line, or too many commands")
            if len(self._gathered) - self._read < length:
                return None
            self._lines.append(bytes(self._gathered[self._read + 4 : self._read + length]))
            self._read += length
        return None

    def asked(self) -> Asked:
        """Return what was asked for. Raises BadPack."""
        capabilities: frozenset[str] = frozenset()
        commands: list[Command] = []
        for line in self._lines:
            if line.startswith(b"shallow "):
                continue  # the connectivity check finds out whether the history is there
            text, zero, words = line.partition(b"\0")
            if zero and not commands:
                capabilities = frozenset(words.decode("utf-8", "replace").split())
            commands.append(_command(text))
        if len({command.ref for command in commands}) < len(commands):
            raise BadPack(reason="the push names a ref twice")
        if "push-options" in capabilities or any(line.startswith(b"push-cert") for line in self._lines):
            raise BadPack(reason="push options and signed pushes are not supported")
        formats = {word for word in capabilities if word.startswith("object-format=")}
        if formats - {"object-format=sha1"}:
            raise BadPack(reason="only SHA-1 repositories are supported")
        return Asked(tuple(commands), capabilities)


def _command(line: bytes) -> Command:
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadPack(reason="the push has a command that cannot be read")
    old, new = (None if value == ZERO.encode() else value.decode() for value in found.group(1, 2))
    return Command(found[3].decode("utf-8", "surrogateescape"), old, new)


def advertise_receive(refs: Iterable[RefLine], protocol: str, *, over_http: bool = True) -> bytes:
    """Return what a server says first to a client that wants to push. Over HTTP a line names the service before."""
    lines = [packet(b"# service=git-receive-pack\n"), b"0000"] if over_http else []
    if "version=1" in protocol.split(":"):
        lines.append(packet(b"version 1\n"))
    listed = sorted(refs, key=lambda ref: ref.name.encode()) or [RefLine("capabilities^{}", ZERO, ZERO)]
    for place, ref in enumerate(listed):
        extra = f"\0{CAPABILITIES}" if place == 0 else ""
        lines.append(packet(f"{ref.oid} {ref.name}{extra}\n".encode()))
    return b"".join([*lines, b"0000"])


def report(asked: Asked, unpacked: str, results: Iterable[tuple[str, str]], messages: Iterable[str]) -> bytes:
    """Return the answer to a push.

    `unpacked` is "ok" or what was wrong with the pack; `results` are (ref, "ok" or the reason of its refusal); `messages`
    are lines for the person who pushes.
    """
    body = b""
    if asked.capabilities & {"report-status", "report-status-v2"}:
        lines = [packet(f"unpack {_one_line(unpacked)}\n".encode())]
        for ref, result in results:
            said = f"ok {ref}\n" if result == "ok" else f"ng {ref} {_one_line(result)}\n"
            lines.append(packet(said.encode("utf-8", "surrogateescape")))
        body = b"".join([*lines, b"0000"])
    if not asked.side_band:
        return body
    text = "".join(f"{line}\n" for line in messages).encode("utf-8", "replace")
    return b"".join([*_band(2, text), *_band(1, body), b"0000"])


def packet(data: bytes) -> bytes:
    """Return a packet line."""
    return b"%04x%s" % (len(data) + 4, data)


# An empty packet on the first band: it says nothing, and keeps proxies from closing the connection.
KEEP_ALIVE = packet(b"\1")


def _band(number: int, data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _BAND_BYTES):
        yield packet(bytes([number]) + data[start : start + _BAND_BYTES])


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]
