"""A target: a process that answers what a request's path asks for, and checks all that visitors send.

    /LABEL/answer/KEY?length=…&framing=length|chunked|close&status=…&upload=…&delay=…&pace=…&intake=…&hints=…
    /LABEL/stream/KEY?mode=echo|duplex&up=…&down=…&last=visitor|target
    /state                                             for the driver, which asks without the tunnel

What should never come is written to a file, which outlives the process.
"""

import asyncio
import base64
import hashlib
import random
import signal
import socket
import sys
from urllib.parse import parse_qs

from .content import Checker, Content, Corruption
from .messages import BUFFER, Cut, Pace, read_chunked, read_counted, read_head, write_content

WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BACKLOG = 1024


def accept_value(key):
    """What a WebSocket server answers to Sec-WebSocket-Key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + WEBSOCKET_GUID).digest()).decode()


class Target:
    def __init__(self, label, port, faults):
        self.label = label
        self.port = port
        self.faults = open(faults, "a", buffering=1)
        self.open = 0
        self.random = random.Random(f"{label}/{port}")

    async def serve(self):
        server = await asyncio.start_server(self.accept, "127.0.0.1", self.port, limit=BUFFER, backlog=BACKLOG)
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        async with server:
            await stopped.wait()

    async def accept(self, reader, writer):
        self.open += 1
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while head := await read_head(reader):
                if not await self.exchange(head, reader, writer):
                    break
        except Corruption as error:
            self.fault(str(error))
        except (Cut, OSError):
            pass  # a visitor has left
        finally:
            self.open -= 1
            writer.close()

    def fault(self, text):
        print(f"target {self.label}: {text}", file=self.faults)

    async def exchange(self, head, reader, writer):
        """Whether another request may follow."""
        method, path, _ = head.start.split(" ")
        path, _, query = path.partition("?")
        if path == "/state":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%8d" % (self.open - 1))
            await writer.drain()
            return True
        parts = path.split("/")
        if len(parts) != 4 or parts[1] != self.label:
            raise Corruption(f"a request that is not for this target: {head.start[:200]!r}")
        if head["host"] != f"localhost:{self.port}":
            raise Corruption(f"Host {head['host']!r} was not rewritten")
        options = {name: values[0] for name, values in parse_qs(query).items()}
        if parts[2] == "stream":
            await self.stream(head, parts[3], options, reader, writer)
            return False
        return await self.answer(method, head, parts[3], options, reader, writer)

    async def answer(self, method, head, key, options, reader, writer):
        if head["expect"] == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await self.read_upload(head, key, int(options.get("upload", 0)), int(options.get("intake", 0)), reader)
        if "hints" in options:
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
        if delay := int(options.get("delay", 0)):
            await asyncio.sleep(delay / 1000)
        status, length = int(options.get("status", 200)), int(options.get("length", 0))
        framing = options.get("framing", "length")
        lines = [f"HTTP/1.1 {status} Soaked", f"X-Key: {key}", f"X-Tunnel: {self.label}"]
        if "x-echo" in head.fields:
            lines.append(f"X-Echo: {head['x-echo']}")
        has_body = method != "HEAD" and status not in (204, 304)
        if framing == "chunked":
            lines += ["Transfer-Encoding: chunked", "Trailer: X-Trailer"]
        elif framing == "close":
            lines.append("Connection: close")
        elif status != 204:
            lines.append(f"Content-Length: {length}")
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if has_body:
            pace = Pace(int(options["pace"])) if "pace" in options else None
            content = Content(f"{key}-down")
            await write_content(writer, content, length, self.piece, framing == "chunked", pace)
            if framing == "chunked":
                writer.write(f"0\r\nX-Trailer: {key}-down\r\n\r\n".encode())
        await writer.drain()
        return framing != "close" and head["connection"].lower() != "close"

    def piece(self):
        return self.random.choice((1, 100, 1000, 4096, 16384, 65536, 65536))

    async def read_upload(self, head, key, length, intake, reader):
        checker = Checker(f"{key}-up", length)
        pace = Pace(intake) if intake else None
        if head["transfer-encoding"]:
            trailers = await read_chunked(reader, checker.take, pace)
            if trailers.get("x-trailer") != f"{key}-up":
                raise Corruption(f"{key}: the request's trailer is {trailers!r}")
        elif head["content-length"]:
            if int(head["content-length"]) != length:
                raise Corruption(f"{key}: Content-Length {head['content-length']}, not {length}")
            await read_counted(reader, length, checker.take, pace)
        if not checker.is_complete:
            raise Corruption(f"{key}: the request's body has {checker.count} bytes, not {length}")

    async def stream(self, head, key, options, reader, writer):
        writer.write(
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept_value(head['sec-websocket-key'])}\r\nX-Key: {key}\r\n\r\n"
            ).encode()
        )
        up, down = int(options["up"]), int(options.get("down", 0))
        checker = Checker(f"{key}-up", up)
        if options["mode"] == "echo":

            def echo(data):
                checker.take(data)
                writer.write(data)

            async def drain(_):
                await writer.drain()

            await read_counted(reader, up, echo, drain)
        else:
            await asyncio.gather(
                read_counted(reader, up, checker.take),
                write_content(writer, Content(f"{key}-down"), down, self.piece),
            )
        writer.write(b"done %b\n" % key.encode())
        await writer.drain()
        if options["last"] == "visitor" and await reader.read(1):
            raise Corruption(f"{key}: bytes after the end of a stream")


if __name__ == "__main__":
    label, port, faults = sys.argv[1:]
    asyncio.run(Target(label, int(port), faults).serve())
