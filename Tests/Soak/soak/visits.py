"""What visitors do, one function for each kind. Every answer is compared with what its target must have sent."""

import asyncio
import base64
import math
import random
import socket
import time

from .content import Checker, Content, Corruption
from .messages import BUFFER, Cut, Pace, read_chunked, read_counted, read_head, read_to_end, write_content
from .relay import RESET
from .target import accept_value

SMALL = 2_000
LARGE = 4 * 1024 * 1024
FRAMINGS = ("length", "chunked", "close")
# Long enough for a dead link, which is noticed after 30 s, on a busy machine.
VISIT_SECONDS = 100
# For the end of a connection whose last answer is complete.
CLOSE_SECONDS = 10


class Failure(Exception):
    """Not what should have come; a disturbance explains it, or nothing does."""


class Exchange:
    """A request, and what its answer has to be."""

    def __init__(self, visit, tunnel, method="GET", length=0, framing="length", upload=0, chunked=False, **options):
        self.random = visit.random
        self.tunnel = tunnel
        self.key = visit.new_key()
        self.method = method
        self.length = length
        self.framing = framing
        self.upload = upload
        self.chunked = chunked
        self.status = options.get("status", 200)
        self.options = {"length": length, "framing": framing, "upload": upload, **options}
        # A few heads are large; bytes beyond ASCII pass as they are.
        count = self.random.choice((0, 10, 10, 10, 200, 4000))
        self.echo = "".join(self.random.choice("abcdefgh =;,\xe9\xff") for _ in range(count)).strip()
        self.closes = framing == "close"

    def head(self, *fields):
        query = "&".join(f"{name}={value}" for name, value in self.options.items())
        lines = [
            f"{self.method} /{self.tunnel.label}/answer/{self.key}?{query} HTTP/1.1",
            f"{self.random.choice(('Host', 'host', 'HOST'))}: {self.tunnel.host(self.random)}",
            f"X-Echo: {self.echo}",
            *fields,
        ]
        if self.chunked:
            lines += ["Transfer-Encoding: chunked", "Trailer: X-Trailer"]
        elif self.upload or self.method == "POST":
            lines.append(f"Content-Length: {self.upload}")
        if self.closes:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @property
    def has_answer_body(self):
        return self.method != "HEAD" and self.status not in (204, 304)


class Visit:
    """One visitor's doings. What it does follows from the run's seed and its own number."""

    def __init__(self, soak, number, kind=None, tunnel=None):
        self.soak = soak
        self.ledger = soak.ledger
        self.number = number
        self.random = random.Random(f"{soak.seed}/{number}")
        self.kind = kind or self.random.choices(list(KINDS), [weight for _, weight in KINDS.values()])[0]
        self.tunnel = tunnel or self.random.choice(soak.tunnels)
        # Whose disturbances explain a failure, and since when.
        self.tunnels = {self.tunnel.label}
        self.since = time.monotonic()
        self.keys = 0
        self.requests = self.sent = self.received = 0
        self.writers = []

    def __str__(self):
        seconds = time.monotonic() - self.since
        where = "+".join(sorted(self.tunnels))
        return f"visit {self.number} ({self.kind}, {where}), {seconds:.2f} s after connecting"

    def new_key(self):
        self.keys += 1
        return f"{self.soak.seed}-{self.number}-{self.keys}"

    def size(self, most=LARGE):
        """Small ones are as frequent as large ones."""
        return int(math.exp(self.random.uniform(0, math.log(most + 1)))) - 1

    def pieces(self):
        return self.random.choice((1, 37, 1460, 8192, 65536, 65536))

    async def connect(self, receive_buffer=None):
        self.since = time.monotonic()
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.soak.port))
            limit = receive_buffer or BUFFER
            streams = await asyncio.open_connection(sock=connection, limit=max(limit, 16 * 1024))
        except BaseException:
            connection.close()
            raise
        self.writers.append(streams[1])
        return streams

    def note(self, is_success=True):
        totals = self.ledger.totals[self.kind]
        totals.visits += is_success
        totals.requests += self.requests
        totals.sent += self.sent
        totals.received += self.received

    def close(self):
        for writer in self.writers:
            writer.close()

    # Exchanges

    async def exchange(self, exchange, streams, *fields, pause=None):
        await self.send(exchange, streams[1], *fields)
        await self.receive(exchange, streams[0], pause)

    async def send(self, exchange, writer, *fields):
        head = exchange.head(*fields)
        if self.random.random() < 0.2:
            # In segments of its own.
            cut = self.random.randrange(1, len(head))
            writer.write(head[:cut])
            await writer.drain()
            await asyncio.sleep(self.random.choice((0, 0.001, 0.02)))
            head = head[cut:]
        writer.write(head)
        await self.send_body(exchange, writer)

    async def send_body(self, exchange, writer):
        if exchange.upload or exchange.chunked:
            content = Content(f"{exchange.key}-up")
            await write_content(writer, content, exchange.upload, self.pieces, exchange.chunked)
        if exchange.chunked:
            writer.write(f"0\r\nX-Trailer: {exchange.key}-up\r\n\r\n".encode())
        await writer.drain()

    async def receive(self, exchange, reader, pause=None):
        head = await self.final_head(exchange, reader)
        checker = Checker(f"{exchange.key}-down", exchange.length)

        def take(data):
            checker.take(data)
            self.received += len(data)

        if exchange.has_answer_body:
            if exchange.framing == "chunked":
                if not head["transfer-encoding"]:
                    raise Corruption(f"{exchange.key}: not chunked")
                trailers = await read_chunked(reader, take, pause)
                if trailers != {"x-trailer": f"{exchange.key}-down"}:
                    raise Corruption(f"{exchange.key}: the answer's trailer is {trailers!r}")
            elif exchange.framing == "length":
                if head["content-length"] != str(exchange.length):
                    raise Corruption(f"{exchange.key}: Content-Length {head['content-length']!r}")
                await read_counted(reader, exchange.length, take, pause)
            else:
                await read_to_end(reader, take, pause)
                # On the original wire nobody can tell that an answer which ends by closing was cut.
                if not checker.is_complete:
                    raise Cut(f"{checker.count} of {exchange.length} bytes")
            if not checker.is_complete:
                raise Corruption(f"{exchange.key}: {checker.count} bytes, not {exchange.length}")
        self.requests += 1
        # The target has compared them.
        self.sent += exchange.upload

    async def final_head(self, exchange, reader):
        while True:
            head = await read_head(reader)
            if head is None:
                raise Cut("before the answer")
            if head.status >= 200 or head.status == 101:
                break
        if head["x-key"] not in ("", exchange.key):
            raise Corruption(f"{exchange.key}: the answer to {head['x-key']}")
        if head.status != exchange.status:
            body = await reader.read(200) if head["content-length"] else b""
            raise Failure(f"{head.start}: {body.decode(errors='replace').strip()}")
        if head["x-key"] != exchange.key or head["x-echo"] != exchange.echo:
            raise Corruption(f"{exchange.key}: an answer with other fields: {head.fields!r}"[:300])
        return head

    async def expect_end(self, reader):
        async with asyncio.timeout(CLOSE_SECONDS):
            if rest := await reader.read(BUFFER):
                raise Corruption(f"bytes after the last answer: {rest[:80]!r}")

    def small(self, tunnel=None):
        """A small request of some kind whose answer leaves the connection open."""
        tunnel = tunnel or self.tunnel
        framing = self.random.choice(("length", "length", "chunked"))
        length = self.size(SMALL)
        options = {"hints": 1} if self.random.random() < 0.1 else {}
        match self.random.randrange(8):
            case 0:
                return Exchange(self, tunnel, "HEAD", length, "length", **options)
            case 1:
                return Exchange(self, tunnel, "GET", 0, "length", status=self.random.choice((204, 304)))
            case 2:
                return Exchange(self, tunnel, "GET", length, framing, status=self.random.choice((404, 500)))
            case 3 | 4:
                return Exchange(self, tunnel, "POST", length, framing, self.size(SMALL), **options)
            case 5:
                return Exchange(self, tunnel, "POST", length, framing, self.size(SMALL), chunked=True)
            case _:
                return Exchange(self, tunnel, "GET", length, framing, **options)


# The kinds


async def keep_alive(visit):
    streams = await visit.connect()
    for _ in range(visit.random.randrange(2, 20)):
        await visit.exchange(visit.small(), streams)
        await asyncio.sleep(visit.random.choice((0, 0, 0.01, 0.3)))
    if visit.random.random() < 0.5:
        last = visit.small()
        last.closes = True
        await visit.exchange(last, streams)
        await visit.expect_end(streams[0])


async def idle(visit):
    """A connection that is kept without being used."""
    streams = await visit.connect()
    await visit.exchange(visit.small(), streams)
    await asyncio.sleep(visit.random.uniform(0, visit.soak.longest_idle))
    await visit.exchange(visit.small(), streams)


async def new_connection(visit):
    streams = await visit.connect()
    exchange = visit.small()
    exchange.closes = visit.random.random() < 0.7
    await visit.exchange(exchange, streams)
    if exchange.closes:
        await visit.expect_end(streams[0])


async def upload(visit):
    size = visit.size()
    await visit.exchange(Exchange(visit, visit.tunnel, "POST", visit.size(SMALL), upload=size), await visit.connect())


async def upload_chunked(visit):
    size = visit.size()
    exchange = Exchange(visit, visit.tunnel, "PUT", visit.size(SMALL), "chunked", size, chunked=True)
    await visit.exchange(exchange, await visit.connect())


async def upload_expecting(visit):
    """The body follows when the target has said that it wants it."""
    exchange = Exchange(visit, visit.tunnel, "POST", visit.size(SMALL), upload=visit.size(64 * 1024) + 1)
    reader, writer = await visit.connect()
    writer.write(exchange.head("Expect: 100-continue"))
    head = await read_head(reader)
    if head is None or head.status != 100:
        raise Failure(f"{head and head.start} instead of 100 Continue")
    await visit.send_body(exchange, writer)
    await visit.receive(exchange, reader)


async def download(visit):
    await visit.exchange(Exchange(visit, visit.tunnel, length=visit.size()), await visit.connect())


async def download_chunked(visit):
    await visit.exchange(Exchange(visit, visit.tunnel, length=visit.size(), framing="chunked"), await visit.connect())


async def download_to_end(visit):
    """An answer that ends by closing."""
    await visit.exchange(Exchange(visit, visit.tunnel, length=visit.size(), framing="close"), await visit.connect())


async def slow_reader(visit):
    streams = await visit.connect(receive_buffer=16 * 1024)
    exchange = Exchange(visit, visit.tunnel, length=visit.size() // 2, framing=visit.random.choice(FRAMINGS))
    await visit.exchange(exchange, streams, pause=Pace(visit.random.randrange(200_000, 800_000)))


async def slow_target(visit):
    """A target that takes, or gives, its bytes slowly."""
    pace = visit.random.randrange(200_000, 800_000)
    if visit.random.random() < 0.5:
        exchange = Exchange(visit, visit.tunnel, "POST", upload=visit.size() // 2, intake=pace)
    else:
        framing = visit.random.choice(FRAMINGS)
        exchange = Exchange(visit, visit.tunnel, length=visit.size() // 2, framing=framing, pace=pace)
    await visit.exchange(exchange, await visit.connect())


async def half_close(visit):
    """A visitor that closes its sending side with the request, as `nc -N` does."""
    reader, writer = await visit.connect()
    exchange = Exchange(
        visit,
        visit.tunnel,
        visit.random.choice(("GET", "POST")),
        visit.size(256 * 1024),
        visit.random.choice(FRAMINGS),
        delay=visit.random.choice((0, 0, 100, 1500)),
    )
    await visit.send(exchange, writer)
    writer.write_eof()
    await visit.receive(exchange, reader)
    await visit.expect_end(reader)


async def pipeline(visit):
    reader, writer = await visit.connect()
    for _ in range(visit.random.randrange(1, 4)):
        exchanges = [visit.small() for _ in range(visit.random.randrange(2, 12))]
        for exchange in exchanges:
            await visit.send(exchange, writer)
        for exchange in exchanges:
            await visit.receive(exchange, reader)


async def several_hosts(visit):
    """What a reverse proxy does that keeps its connections: each request for another tunnel, one after the other."""
    streams = await visit.connect()
    for _ in range(visit.random.randrange(2, 8)):
        tunnel = visit.random.choice(visit.soak.tunnels)
        visit.tunnels.add(tunnel.label)
        await visit.exchange(visit.small(tunnel), streams)
    if visit.random.random() < 0.3:
        await own_answer(visit, streams, "GET /healthz", visit.soak.domain, 200, "ok\n")


async def websocket(visit):
    reader, writer = await visit.connect()
    mode = visit.random.choice(("echo", "duplex"))
    up = visit.size(LARGE // 4)
    down = up if mode == "echo" else visit.size(LARGE // 4)
    last = visit.random.choice(("visitor", "target"))
    key = await upgrade(visit, reader, writer, f"mode={mode}&up={up}&down={down}&last={last}")
    content = Content(f"{key}-up")
    checker = Checker(f"{key}-up" if mode == "echo" else f"{key}-down", down)
    if mode == "echo":
        # To and fro first, as chats do.
        for _ in range(visit.random.randrange(20)):
            data = content.read(checker.count, min(visit.random.randrange(1, 200), up - checker.count))
            writer.write(data)
            await read_counted(reader, len(data), checker.take)
    await asyncio.gather(
        write_content(writer, content, up, visit.pieces, offset=checker.count if mode == "echo" else 0),
        read_counted(reader, down - checker.count, checker.take),
    )
    done = await reader.readexactly(len(f"done {key}\n"))
    if done != f"done {key}\n".encode():
        raise Corruption(f"{key}: the stream ends with {done!r}")
    if last == "target":
        await visit.expect_end(reader)
    visit.requests += 1
    visit.sent += up
    visit.received += down


async def upgrade(visit, reader, writer, query):
    """Returns the stream's key."""
    key = visit.new_key()
    nonce = base64.b64encode(visit.random.randbytes(16)).decode()
    lines = [
        f"GET /{visit.tunnel.label}/stream/{key}?{query} HTTP/1.1",
        f"Host: {visit.tunnel.host(visit.random)}",
        f"Connection: {visit.random.choice(('Upgrade', 'keep-alive, Upgrade'))}",
        "Upgrade: websocket",
        f"Sec-WebSocket-Key: {nonce}",
        "Sec-WebSocket-Version: 13",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await read_head(reader)
    if head is None:
        raise Cut("before the answer")
    if head["x-key"] not in ("", key):
        raise Corruption(f"{key}: the answer to {head['x-key']}")
    if head.status != 101:
        raise Failure(head.start)
    if head["sec-websocket-accept"] != accept_value(nonce):
        raise Corruption(f"{key}: a wrong Sec-WebSocket-Accept")
    return key


async def abort(visit):
    reader, writer = await visit.connect()
    moment = visit.random.choice(("head", "upload", "answer due", "download", "pipelined", "websocket"))
    match moment:
        case "head":
            head = visit.small().head()
            writer.write(head[: visit.random.randrange(1, len(head))])
        case "upload":
            chunked = visit.random.random() < 0.5
            exchange = Exchange(visit, visit.tunnel, "POST", upload=LARGE, chunked=chunked)
            writer.write(exchange.head())
            part = visit.size(LARGE // 2)
            await write_content(writer, Content(f"{exchange.key}-up"), part, visit.pieces, chunked)
        case "answer due":
            await visit.send(Exchange(visit, visit.tunnel, length=1000, delay=1500), writer)
        case "download":
            exchange = Exchange(visit, visit.tunnel, length=LARGE, framing=visit.random.choice(FRAMINGS[:2]))
            await visit.send(exchange, writer)
            await visit.final_head(exchange, reader)
            if exchange.framing == "length":
                checker = Checker(f"{exchange.key}-down", LARGE)
                part = visit.size(LARGE // 2)
                await read_counted(reader, part, checker.take)
                visit.received += part
        case "pipelined":
            for _ in range(5):
                await visit.send(visit.small(), writer)
        case "websocket":
            key = await upgrade(visit, reader, writer, f"mode=duplex&up={LARGE}&down={LARGE}&last=visitor")
            await write_content(writer, Content(f"{key}-up"), visit.size(LARGE // 4), visit.pieces)
    await asyncio.sleep(visit.random.choice((0, 0.01, 0.3)))
    way = visit.random.choice(("RST", "FIN"))
    visit.ledger.aborts[f"{moment} ({way})"] += 1
    if way == "RST":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
    else:
        # Discards what waits to be sent, but not what the kernel has. With unread bytes the kernel resets after all.
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        writer.transport.abort()


async def own_endpoint(visit):
    """What the server answers itself, and what it refuses."""
    visit.tunnels = {"server"}
    streams = await visit.connect()
    domain = visit.soak.domain
    websocket = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    request, host, status, text, *fields = visit.random.choice(
        (
            ("GET /healthz", domain, 200, "ok\n"),
            ("HEAD /healthz", domain, 200, ""),
            ("GET /tpot-auth", domain, 200, '{"method":"static_key"}\n'),
            ("POST /healthz", domain, 405, None),
            ("GET /nothing", domain, 404, None),
            ("GET /create-tpot", domain, 400, None),
            ("GET /create-tpot?subdomain=nobody", domain, 401, None, websocket),
            ("GET /", "nobody.example.com", 404, None),
            ("GET /", f"nobody.{domain}", 503, None),
            ("GET / x", domain, 400, None),
            ("GET /", domain, 400, None, "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
        )
    )
    await own_answer(visit, streams, request, host, status, text, *fields)


async def own_answer(visit, streams, request, host, status, text, fields=""):
    visit.tunnels.add("server")
    reader, writer = streams
    writer.write(f"{request} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode())
    head = await read_head(reader)
    if head is None:
        raise Cut("before the answer")
    if "x-key" in head.fields:
        raise Corruption(f"{request}: a target's answer {head['x-key']} instead of the server's own")
    if head.status != status:
        raise Failure(f"{request}: {head.start}")
    body = b""
    if not request.startswith("HEAD"):
        body = await reader.readexactly(int(head["content-length"]))
    if text is not None and body != text.encode():
        raise Corruption(f"{request}: {body!r}")
    await visit.expect_end(reader)
    visit.requests += 1
    visit.received += len(body)


# And how often each is made.
KINDS = {
    "keep-alive": (keep_alive, 12),
    "idle": (idle, 3),
    "new connection": (new_connection, 18),
    "upload": (upload, 8),
    "upload chunked": (upload_chunked, 6),
    "upload expecting": (upload_expecting, 3),
    "download": (download, 8),
    "download chunked": (download_chunked, 6),
    "download to end": (download_to_end, 4),
    "slow reader": (slow_reader, 3),
    "slow target": (slow_target, 3),
    "half-close": (half_close, 6),
    "pipeline": (pipeline, 8),
    "several hosts": (several_hosts, 5),
    "websocket": (websocket, 6),
    "abort": (abort, 12),
    "own endpoint": (own_endpoint, 5),
}


async def run(visit):
    """Carries a visit out and notes how it went."""
    function, _ = KINDS[visit.kind]
    totals = visit.ledger.totals[visit.kind]
    is_success = False
    try:
        async with asyncio.timeout(VISIT_SECONDS):
            await function(visit)
        is_success = True
    except Corruption as error:
        totals.failed += 1
        visit.ledger.fault(f"{visit}: CORRUPTION: {error}")
    except (Failure, Cut, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        if visit.ledger.excuse(visit.tunnels, visit.since):
            totals.excused += 1
        else:
            totals.failed += 1
            visit.ledger.fault(f"{visit}: {type(error).__name__} {error}")
    finally:
        visit.note(is_success)
        visit.close()
