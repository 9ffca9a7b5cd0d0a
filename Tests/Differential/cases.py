"""What the hostile tunnel answers and what its visitors ask: generated from a seed, each case by its own number."""

import random

# What two readers may see differently, one by one; these come first, whatever the seed.
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
KNOWN = [
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\nContent-Length: 0\r\n\r\n" * 3,
    b"HTTP/1.1 200.1 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.01 200 OK\r\nContent-Length: 0\r\n\r\n",
    CHUNKED + b"00000000000000000\r\n\r\n",
    CHUNKED + b"0;" + b"x" * 5120 + b"\r\n\r\n",
    CHUNKED + b"0;a=\0b\r\n\r\n",
    CHUNKED + b"0\r\nA: \0\r\n\r\n",
    CHUNKED + b"0\r\nA: " + b"x" * 70_000 + b"\r\n\r\n",
    HEAD + b"Content-Length: 0\r\nTransfer-Encoding: identity\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
]

STATUS_LINES = [b"HTTP/1.1 %d OK\r\n" % status for status in
                (100, 101, 102, 103, 199, 201, 202, 204, 205, 206, 226, 299, 301, 304, 401, 404, 500, 502, 599, 600, 999)]
STATUS_LINES += [
    b"HTTP/1.1 200.1 OK\r\n", b"HTTP/1.1 000 OK\r\n", b"HTTP/1.1 099 OK\r\n", b"HTTP/1.1 0200 OK\r\n",
    b"HTTP/1.1 2000 OK\r\n", b"HTTP/1.1 20 OK\r\n", b"HTTP/1.1 -20 OK\r\n", b"HTTP/1.1 2x0 OK\r\n",
    b"HTTP/1.01 200 OK\r\n", b"HTTP/01.1 200 OK\r\n", b"HTTP/1.10 200 OK\r\n", b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.2 200 OK\r\n", b"HTTP/1.9 200 OK\r\n", b"HTTP/0.9 200 OK\r\n", b"HTTP/2.0 200 OK\r\n", b"HTTP/2 200\r\n",
    b"http/1.1 200 OK\r\n", b"ICY 200 OK\r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.1 200 \r\n", b"HTTP/1.1  200 OK\r\n",
    b"HTTP/1.1\t200 OK\r\n", b"\r\nHTTP/1.1 200 OK\r\n", b"\nHTTP/1.1 200 OK\r\n", b" HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 O\0K\r\n", b"HTTP/1.1 200 OK\rX\r\n", b"HTTP/1.1 200 OK\n", b"HTTP/1.1 200 OK\r\r\n", b"HTTP/1.1\r\n", b"",
]

# %d is the length of the body.
FRAMINGS = [
    b"", b"Content-Length: %d\r\n", b"Content-Length: 0\r\n", b"Content-Length: 1\r\n", b"Content-Length: 99\r\n",
    b"Content-Length: +%d\r\n", b"Content-Length: -1\r\n", b"Content-Length: -0\r\n", b"Content-Length: 0x%d\r\n",
    b"Content-Length: %d, %d\r\n", b"Content-Length: 0, %d\r\n", b"Content-Length: %d,\r\n", b"Content-Length: %d 0\r\n",
    b"Content-Length: %d\r\nContent-Length: %d\r\n", b"Content-Length: 0\r\nContent-Length: %d\r\n",
    b"Content-Length: %d\r\nContent-Length: 0\r\n", b"Content-Length: 0%d\r\n", b"Content-Length:%d\r\n",
    b"Content-Length:\t%d\t\r\n", b"Content-Length: %d;\r\n", b"Content-Length: %d.0\r\n", b"Content-Length: 1_0\r\n",
    b"Content-Length:\r\n", b"Content-Length: x\r\n", b"Content-Length: 9223372036854775807\r\n",
    b"Content-Length: 9223372036854775808\r\n", b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: 4294967296\r\n", b"Content-Length : %d\r\n", b"Content-Length\t: %d\r\n", b" Content-Length: %d\r\n",
    b"X: a\r\n Content-Length: %d\r\n", b"Content-Length:\r\n %d\r\n", b"Content-Length: %d\n", b"X: a\rContent-Length: 0\r\n",
    b"X: a\nContent-Length: 0\r\n", b"X: a\0\r\nContent-Length: 0\r\n", b"Content-Length\0: 0\r\n", b"\x0bContent-Length: 0\r\n",
    b"Content-Length 0\r\n", b"Content_Length: 0\r\n", b"Content-Length-: 0\r\n", b"content-length: %d\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: Chunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity\r\nContent-Length: 0\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: chunked, gzip\r\n", b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: chunkedx\r\n", b"Transfer-Encoding: chunked;q=1\r\n", b"Transfer-Encoding: \"chunked\"\r\n",
    b"Transfer-Encoding: \x0bchunked\r\n", b"Transfer-Encoding: chunked\0\r\n", b"Transfer-Encoding: , chunked\r\n",
    b"Transfer-Encoding: chunked,\r\n", b"Transfer-Encoding:\r\n", b"Transfer-Encoding:\r\n chunked\r\n",
    b"Transfer-Encoding : chunked\r\n", b" Transfer-Encoding: chunked\r\n", b"X: a\r\n\tTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding chunked\r\n", b"Transfer_Encoding: chunked\r\n", b"TE: chunked\r\nContent-Length: 0\r\n",
    b"Transfer-Encoding: chunked\n", b"Connection: close\r\n", b"Connection: close\r\nContent-Length: %d\r\n",
    b"Connection: keep-alive\r\nContent-Length: %d\r\n", b"Connection: Content-Length\r\nContent-Length: %d\r\n",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: %d\r\n", b"no colon\r\nContent-Length: %d\r\n",
    b": empty\r\nContent-Length: %d\r\n", b"X: " + b"x" * 5000 + b"\r\nContent-Length: %d\r\n",
    b"X: " + b"x" * 9000 + b"\r\nContent-Length: %d\r\n", b"Content-Length: %d\r\n\r\n\r\n", b"Keep-Alive: timeout=60\r\nContent-Length: %d\r\n",
]

CHUNKS = [
    b"4\r\nevil\r\n0\r\n\r\n", b"0\r\n\r\n", b"04\r\nevil\r\n00\r\n\r\n", b"4\nevil\n0\n\n", b"4\r\nevil\n0\r\n\r\n", b"4 \r\nevil\r\n0 \r\n\r\n",
    b"4\t\r\nevil\r\n0\r\n\r\n", b"+4\r\nevil\r\n0\r\n\r\n", b"0x4\r\nevil\r\n0\r\n\r\n", b"4_\r\nevil\r\n0\r\n\r\n", b"-1\r\nevil\r\n0\r\n\r\n",
    b" 4\r\nevil\r\n0\r\n\r\n", b"4;a\r\nevil\r\n0;b=c\r\n\r\n", b"4;a\nX\r\nevil\r\n0\r\n\r\n", b"4;\r\nevil\r\n0\r\n\r\n", b"4;a=\"\r\n\"\r\nevil\r\n0\r\n\r\n",
    b"0;a=\0\r\n\r\n", b"0;" + b"x" * 5120 + b"\r\n\r\n", b"0;" + b"x" * 20_000 + b"\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"0\r\nA: b\n\r\n", b"0\r\nA: b\r\n\n",
    b"0\r\nno colon\r\n\r\n", b"0\r\n folded\r\n\r\n", b"0\r\nA: \0\r\n\r\n", b"0\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", b"0\r\nContent-Length: 9\r\n\r\n",
    b"0\r\n\r", b"0\r\n", b"0\n\n", b"0\r\r\n\r\n", b"0\r\n\r\n\r\n", b"00000000000000000\r\n\r\n", b"0000000000000000\r\n\r\n",
    b"8000000000000000\r\n", b"7fffffffffffffff\r\n", b"ffffffffffffffff\r\n", b"10000000000000000\r\n\r\n", b"100000000\r\n\r\n", b"5\r\nevil\r\n0\r\n\r\n",
    b"3\r\nevil\r\n0\r\n\r\n", b"4\r\nevilXX0\r\n\r\n", b"4\r\nevil\r\r\n0\r\n\r\n", b"4\r\nevil0\r\n\r\n", b"g\r\n\r\n", b"\r\n0\r\n\r\n", b"4\r\nevil\r\n0\r\nA: b\rC: d\r\n\r\n",
]

INTERIMS = [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            b"HTTP/1.1 102 Processing\r\nContent-Length: 4\r\n\r\n", b"HTTP/1.1 199 X\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 103 E\r\nX: " + b"x" * 4000 + b"\r\n\r\n"]

FRAGMENTS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b";", b",", b"0\r\n\r\n", b"\r\n\r\n", b"Content-Length: 0\r\n", b"0", b"HTTP/1.1 ",
             b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n"]


def mark(case):
    """What no visitor of another tunnel may ever get."""
    return b"EVIL-%d-" % case


def whole_answer(case, word=b"poison"):
    body = mark(case) + word
    return HEAD + b"Content-Length: %d\r\nX-Poison: yes\r\n\r\n" % len(body) + body


def answer(seed, case):
    """The pieces of the hostile target's answer, as (seconds to wait before, bytes); the last one is the poison."""
    rng = random.Random(f"answer {seed} {case}")
    if case < len(KNOWN):
        raw = KNOWN[case]
        return [(0, raw), (rng.choice((0.001, 0.004, 0.02)), whole_answer(case))]
    kind = rng.random()
    framing = rng.choice(FRAMINGS)
    body = mark(case) + b"body"
    if b"chunked" in framing.lower() or kind < 0.25:
        body = rng.choice(CHUNKS) if rng.random() < 0.85 else b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        if kind < 0.25:
            framing = b"Transfer-Encoding: chunked\r\n"
    elif rng.random() < 0.3:
        body = rng.choice((b"", b"x", whole_answer(case, b"inner")))
    while b"%d" in framing:
        framing = framing.replace(b"%d", b"%d" % len(body), 1)
    line = rng.choice(STATUS_LINES) if kind > 0.75 or rng.random() < 0.1 else HEAD
    raw = line + framing + b"\r\n" + body
    if rng.random() < 0.15:
        raw = b"".join(rng.choice(INTERIMS) for _ in range(rng.randint(1, 3))) + (raw if rng.random() < 0.7 else b"")
    if rng.random() < 0.3:
        raw = mutated(rng, raw)
    pieces = cut(rng, raw)
    if rng.random() < 0.1:
        pieces.append((0, rng.choice((b"\r\n", b"\n", b"x", b"HTTP/1.1 2"))))
    wait = rng.choice((0, 0.0003, 0.001, 0.002, 0.005, 0.015))
    pieces.append((wait, whole_answer(case) if rng.random() < 0.85 else KNOWN[14] + mark(case) + b"poison"))
    return pieces


def mutated(rng, raw):
    raw = bytearray(raw)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(raw) + 1) if rng.random() < 0.4 else rng.randrange(min(len(raw), 120) + 1)
        match rng.randrange(5):
            case 0 if at < len(raw): raw[at] = rng.randrange(256)
            case 1: raw[at:at] = rng.choice(FRAGMENTS)
            case 2: del raw[at:at + rng.randint(1, 6)]
            case 3: raw[at:at] = raw[at:at + rng.randint(1, 30)]
            case _: raw[at:at] = bytes([rng.randrange(256)])
    return bytes(raw)


def cut(rng, raw):
    pieces = []
    if rng.random() < 0.5:
        return [(0, raw)]
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(raw))
        pieces.append((rng.choice((0, 0, 0.0005, 0.002)), raw[:at]))
        raw = raw[at:]
    return pieces + [(0.0005, raw)]


REQUEST_FIELDS = [
    b"Content-Length: 5, 5\r\n", b"Content-Length: 5\r\nContent-Length: 5\r\n", b"Content-Length: 5\r\nContent-Length: 0\r\n",
    b"Content-Length: +5\r\n", b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: chunked, chunked\r\n", b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
    b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding: \x0bchunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
    b"X: a\rTransfer-Encoding: chunked\r\n", b"X: a\nTransfer-Encoding: chunked\r\n", b"X: a\r\n Transfer-Encoding: chunked\r\n",
    b"Content-Length: 9223372036854775808\r\n", b"Content-Length: 18446744073709551621\r\n", b"X: \x01\r\nContent-Length: 5\r\n",
    b"Content-Length: 5\r\nExpect: 100-continue\r\n", b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"Connection: Upgrade, Host\r\nUpgrade: h2c\r\nContent-Length: 5\r\n",
    b"Connection: Content-Length\r\nContent-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n",
    b"Host: bank.localhost\r\n", b"X-Forwarded-Host: bank.localhost\r\n", b"TE: chunked\r\nTransfer-Encoding:chunked\r\n",
]


def request(seed, case):
    """A request of a hostile visitor, with another one for the other tunnel where its body may end."""
    rng = random.Random(f"request {seed} {case}")
    target = rng.choice((b"/c/%d", b"/c/%d", b"/c/%d", b"http://evil.localhost/c/%d", b"http://bank.localhost/c/%d")) % case
    inner = b"GET /smuggled/" + mark(case) + b" HTTP/1.1\r\nHost: bank.localhost\r\n\r\n"
    body = rng.choice((b"12345" + inner, b"0\r\n\r\n" + inner, b"5\r\n12345\r\n0\r\n\r\n" + inner, b"5;a\n12345\r\n0\r\n\r\n" + inner,
                       b"0\r\nno colon\r\n\r\n" + inner, b"0\r\nA: b\n\r\n" + inner, b"00000000000000000\r\n\r\n" + inner, inner,
                       b"5\r\n12345" + inner, b"0;" + b"x" * 5000 + b"\r\n\r\n" + inner))
    method = rng.choice((b"POST", b"GET", b"HEAD", b"PUT", b"OPTIONS"))
    version = rng.choice((b"1.1", b"1.1", b"1.1", b"1.0"))
    raw = method + b" " + target + b" HTTP/" + version + b"\r\nHost: evil.localhost\r\n" + rng.choice(REQUEST_FIELDS) + b"\r\n" + body
    return mutated(rng, raw) if rng.random() < 0.3 else raw
