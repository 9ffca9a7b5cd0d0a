#!/usr/bin/env python3
"""relay.py PORT TO BYTES_PER_SECOND: a narrow link.

All connections share what goes through in each direction, in turns; small buffers, so that a full link is felt at once.
"""

import asyncio
import socket
import sys
import time

PIECE = 16 * 1024
SOCKET_BUFFER = 128 * 1024


class Direction:
    """Lets so many bytes a second through; those who wait go in their order."""

    def __init__(self, bytes_per_second):
        self.rate = bytes_per_second
        self.turn = asyncio.Lock()
        self.free_at = 0.0

    async def take(self, count):
        async with self.turn:
            now = time.monotonic()
            # A timer that comes late must not make the link slower: up to 20 ms are made up for.
            self.free_at = max(self.free_at, now - 0.02) + count / self.rate
            if self.free_at > now:
                await asyncio.sleep(self.free_at - now)


def small_socket():
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
    made.setblocking(False)
    return made


async def pass_on(source, sink, direction):
    loop = asyncio.get_running_loop()
    # The loop's streams would read ahead, and a link that holds more answers later.
    while data := await loop.sock_recv(source, PIECE):
        await direction.take(len(data))
        await loop.sock_sendall(sink, data)
    sink.shutdown(socket.SHUT_WR)


async def connect(visitor, to, up, down):
    with visitor, small_socket() as onward:
        try:
            await asyncio.get_running_loop().sock_connect(onward, ("127.0.0.1", to))
            async with asyncio.TaskGroup() as ways:
                ways.create_task(pass_on(visitor, onward, up))
                ways.create_task(pass_on(onward, visitor, down))
        except* OSError:
            pass


async def main():
    port, to, rate = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    up, down = Direction(rate), Direction(rate)
    connections = set()
    with small_socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
        while True:
            visitor, _ = await asyncio.get_running_loop().sock_accept(listener)
            # The loop itself keeps tasks only weakly.
            task = asyncio.create_task(connect(visitor, to, up, down))
            connections.add(task)
            task.add_done_callback(connections.discard)


if __name__ == "__main__":
    asyncio.run(main())
