"""HTTP/1.1 messages as visitors and targets read them."""

import asyncio

from .content import Corruption

# A stream reader stops reading its socket at twice this.
BUFFER = 64 * 1024


class Cut(Exception):
    """The connection ended where more was due."""


class Head:
    """A request's or an answer's head; field names in lower case."""

    def __init__(self, raw):
        lines = raw[:-4].split(b"\r\n")
        self.start = lines[0].decode("latin-1")
        self.fields = {}
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon:
                raise Corruption(f"a header line without a colon: {line[:80]!r}")
            self.fields[name.decode("latin-1").lower()] = value.strip(b" \t").decode("latin-1")

    def __getitem__(self, name):
        return self.fields.get(name, "")

    @property
    def status(self):
        """Of an answer."""
        parts = self.start.split(" ", 2)
        if len(parts) != 3 or parts[0] != "HTTP/1.1" or not parts[1].isdigit():
            raise Corruption(f"not an answer: {self.start[:80]!r}")
        return int(parts[1])


async def read_head(reader):
    """None when the connection ends before a byte of it."""
    try:
        return Head(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            return None
        raise Cut("in the middle of a head") from None
    except asyncio.LimitOverrunError:
        raise Corruption("no end of a head") from None


async def read_counted(reader, count, sink, pause=None):
    """Passes on `count` bytes; `pause` is awaited with the size of each piece."""
    while count:
        data = await reader.read(min(count, BUFFER))
        if not data:
            raise Cut(f"{count} bytes before the end of a body")
        sink(data)
        count -= len(data)
        if pause:
            await pause(len(data))


async def read_chunked(reader, sink, pause=None):
    """Passes on the content; returns the trailers."""
    while True:
        size = await _line(reader)
        try:
            count = int(size.partition(b";")[0], 16)
        except ValueError:
            raise Corruption(f"not the size of a chunk: {size[:80]!r}") from None
        if count == 0:
            break
        await read_counted(reader, count, sink, pause)
        if await _line(reader):
            raise Corruption("a chunk is longer than its size")
    trailers = {}
    while line := await _line(reader):
        name, _, value = line.partition(b":")
        trailers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return trailers


async def read_to_end(reader, sink, pause=None):
    while data := await reader.read(BUFFER):
        sink(data)
        if pause:
            await pause(len(data))


async def _line(reader):
    try:
        return (await reader.readuntil(b"\r\n"))[:-2]
    except asyncio.IncompleteReadError:
        raise Cut("between chunks") from None
    except asyncio.LimitOverrunError:
        raise Corruption("no end of a line between chunks") from None


async def write_content(writer, content, count, pieces, chunked=False, pause=None, offset=0):
    """Writes the first `count` bytes from `offset` on; `pieces` is called for the size of the next piece."""
    while offset < count:
        data = content.read(offset, min(pieces(), count - offset))
        if chunked:
            writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        else:
            writer.write(data)
        await writer.drain()
        offset += len(data)
        if pause:
            await pause(len(data))


class Pace:
    """Awaited after each piece, it keeps a transfer at so many bytes a second."""

    def __init__(self, rate):
        self.rate = rate
        self.begun = asyncio.get_running_loop().time()
        self.count = 0

    async def __call__(self, count):
        self.count += count
        await asyncio.sleep(self.begun + self.count / self.rate - asyncio.get_running_loop().time())
