"""Bytes that follow from a key, so that both ends of a transfer can make them and check them."""

import hashlib

BLOCK = 16 * 1024


class Corruption(Exception):
    """Bytes that nobody sent: never excused."""


class Content:
    """The endless content of one key."""

    def __init__(self, key):
        self.key = key
        self._index = -1
        self._block = b""

    def read(self, offset, count):
        pieces = []
        while count > 0:
            index, start = divmod(offset, BLOCK)
            if index != self._index:
                self._block = hashlib.shake_128(f"{self.key}:{index}".encode()).digest(BLOCK)
                self._index = index
            piece = self._block[start : start + count]
            pieces.append(piece)
            offset += len(piece)
            count -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Checker:
    """Takes the bytes of a transfer as they come and compares them with the content of its key."""

    def __init__(self, key, length):
        self.content = Content(key)
        self.length = length
        self.count = 0

    def take(self, data):
        if self.count + len(data) > self.length:
            raise Corruption(f"{self.content.key}: more than the {self.length} bytes that were sent")
        expected = self.content.read(self.count, len(data))
        if data != expected:
            wrong = next(n for n, (got, want) in enumerate(zip(data, expected)) if got != want)
            raise Corruption(f"{self.content.key}: wrong byte at {self.count + wrong} of {self.length}")
        self.count += len(data)

    @property
    def is_complete(self):
        return self.count == self.length
