"""One file that only its owner's key opens: compressed, encrypted and authenticated chunk by chunk.

After the magic word and a salt come chunks: four bytes of length, then AES-256-GCM over zlib. The nonce is the number
of the chunk and whether it is the last one (the STREAM construction), under a key made anew for each file by scrypt: a
chunk that is changed, moved, repeated or missing, and a file that ends early or goes on, do not open.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"CCHC-BACKUP-1\n"
SALT_BYTES = 16
CHUNK_BYTES = 1 << 20
# zlib's worst case and the tag.
MOST_SEALED_BYTES = CHUNK_BYTES + CHUNK_BYTES // 100 + 1024
RECORD = struct.Struct(">cI")
LENGTH = struct.Struct(">I")
Record = tuple[bytes, bytes]


class Damaged(Exception):
    """The file is no backup, is not whole, was changed, or belongs to another key."""


class Sealer:
    """Writes records of a kind (one byte) and a content (bytes) to a stream; `close` makes the file whole."""

    def __init__(self, out: BinaryIO, key: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._out, self._cipher, self._number = out, _cipher(key, salt), 0
        self._waiting = bytearray()
        out.write(MAGIC + salt)

    def write(self, kind: bytes, content: bytes) -> None:
        self._waiting += RECORD.pack(kind, len(content)) + content
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def close(self) -> None:
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), zlib.compress(plain, 6), MAGIC)
        self._out.write(LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


def opened(source: BinaryIO, key: bytes) -> Iterator[Record]:
    """Yield the records of a sealed stream, from its beginning; raises Damaged at the first chunk that is not right."""
    waiting = bytearray()
    for plain in _chunks(source, key):
        waiting += plain
        at = 0
        while len(waiting) - at >= RECORD.size:
            kind, length = RECORD.unpack_from(waiting, at)
            end = at + RECORD.size + length
            if len(waiting) < end:
                break
            yield kind, bytes(waiting[at + RECORD.size : end])
            at = end
        del waiting[:at]
    if waiting:
        raise Damaged


def _chunks(source: BinaryIO, key: bytes) -> Iterator[bytes]:
    source.seek(0)
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged
    cipher, number, last = _cipher(key, _exactly(source, SALT_BYTES)), 0, False
    (length,) = LENGTH.unpack(_exactly(source, LENGTH.size))
    while not last:
        if length > MOST_SEALED_BYTES:
            raise Damaged
        sealed, following = _exactly(source, length), source.read(LENGTH.size)
        last = not following
        try:
            yield zlib.decompress(cipher.decrypt(_nonce(number, last=last), sealed, MAGIC))
        except InvalidTag as error:
            raise Damaged from error
        if not last:
            if len(following) < LENGTH.size:
                raise Damaged
            (length,) = LENGTH.unpack(following)
        number += 1


def _exactly(source: BinaryIO, size: int) -> bytes:
    read = source.read(size)
    if len(read) != size:
        raise Damaged
    return read


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">QI", number, int(last))


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(hashlib.scrypt(key, salt=salt, n=2**14, r=8, p=1, dklen=32))
