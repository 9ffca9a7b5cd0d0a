"""A target and visitors, each a process of its own."""

import asyncio
import itertools
import json
import multiprocessing
import random
import re
import socket
import threading
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TEAS = ["sencha", "assam", "darjeeling", "rooibos", "pu-erh"]
TYPES = ["invoice.paid", "invoice.payment_failed", "customer.created", "charge.refunded"]


class Target(asyncio.Protocol):
    """Answers 200, and 500 to a path that ends in `fail`."""

    def connection_made(self, transport):
        self.transport = transport
        self.waiting = b""

    def data_received(self, data):
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self.waiting, 0, end + 2)
            total = end + 4 + (int(length[1]) if length else 0)
            if len(self.waiting) < total:
                return
            fails = self.waiting[: self.waiting.find(b"\r\n")].split(b" ")[1].endswith(b"fail")
            self.waiting = self.waiting[total:]
            body = b'{"received":false,"error":"amount_due is null"}' if fails else b'{"received":true}'
            status = b"500 Internal Server Error" if fails else b"200 OK"
            self.transport.write(
                b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (status, len(body), body)
            )


def run_target(port):
    async def serve():
        server = await asyncio.get_running_loop().create_server(Target, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


def request(number, host):
    """About 1 KiB of JSON; every hundredth has 64 KiB, and every hundredth says `oolong`."""
    chance = random.Random(number)
    size = 64 * 1024 if number % 100 == 50 else 300
    tea = "oolong" if number % 100 == 7 else chance.choice(TEAS)
    event = {
        "id": f"evt_{number:08d}",
        "object": "event",
        "type": TYPES[number % 4],
        "data": {
            "object": {
                "amount_due": None if number % 50 == 1 else chance.randrange(10_000),
                "currency": "eur",
                "lines": [{"description": tea, "quantity": chance.randrange(9)} for _ in range(8)],
                "note": "".join(chance.choices("abcdefghijklmnopqrstuvw ", k=size)),
            }
        },
    }
    body = json.dumps(event, indent=2).encode()
    path = "/uploads" if size > 1024 else "/webhooks/stripe" + ("/fail" if number % 50 == 1 else "")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        f"Accept: */*\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def read_answer(connection, waiting):
    while True:
        end = waiting.find(b"\r\n\r\n")
        if end >= 0:
            length = LENGTH.search(waiting, 0, end + 2)
            total = end + 4 + (int(length[1]) if length else 0)
            if len(waiting) >= total:
                return waiting[total:]
        data = connection.recv(65536)
        if not data:
            raise ConnectionError("the connection ended before its answer")
        waiting += data


def visit(port, host, numbers, pause=0.0):
    """One visitor: each request after the answer to the one before it, and not more often than each `pause`."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    next_time = time.monotonic()
    for number in numbers:
        connection.sendall(request(number, host))
        waiting = read_answer(connection, waiting)
        if pause:
            next_time += pause
            time.sleep(max(0, next_time - time.monotonic()))
    connection.close()


def run_load(port, host, count, visitors=8):
    threads = [
        threading.Thread(target=visit, args=(port, host, range(first, count, visitors))) for first in range(visitors)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run_traffic(port, host, rate, visitors=4):
    for index in range(visitors):
        numbers = itertools.count(10_000_000 + index, visitors)
        threading.Thread(target=visit, args=(port, host, numbers, visitors / rate)).start()


def start(function, *arguments):
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments, daemon=True)
    process.start()
    return process
