#!/usr/bin/env python3
"""origin.py PORT: the target where nginx does not do.

GET /hang gets an answer that never ends; any other GET a small one. A request with a body is answered when the whole of
it has been read, with its length.
"""

import selectors
import socket
import sys

SMALL = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!"
UNFINISHED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
SCRATCH = bytearray(1 << 20)


class Connection:
    def __init__(self, peer):
        self.peer = peer
        self.head = b""
        self.missing = self.length = 0

    def is_readable(self):
        """Reads once; whether the connection goes on."""
        if self.missing > 0:
            # MSG_TRUNC: the kernel drops the bytes instead of copying them, tcp(7).
            taken = self.peer.recv_into(SCRATCH, min(self.missing, len(SCRATCH)), socket.MSG_TRUNC)
            self.missing -= taken
            self.finish_body()
            return taken > 0
        data = self.peer.recv(65536)
        self.head += data
        while b"\r\n\r\n" in self.head:
            head, self.head = self.head.split(b"\r\n\r\n", 1)
            self.request(head.lower())
        return bool(data)

    def request(self, head):
        fields = dict(line.split(b":", 1) for line in head.split(b"\r\n")[1:])
        self.length = int(fields.get(b"content-length", 0))
        if self.length:
            self.missing = self.length - len(self.head)
            self.head = b""
            self.finish_body()
        else:
            self.peer.sendall(UNFINISHED if head.startswith(b"get /hang") else SMALL)

    def finish_body(self):
        if self.missing <= 0:
            text = b"%d\n" % self.length
            self.peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))


def main():
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                peer, _ = listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(peer, selectors.EVENT_READ, Connection(peer))
                continue
            try:
                goes_on = key.data.is_readable()
            except (OSError, ValueError):
                goes_on = False
            if not goes_on:
                selector.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    main()
