"""Ports of this machine."""

import random
import socket
import time

from .failure import Failure


def free_port():
    """A port that nobody has. Below the range from which Linux takes the ports of outgoing connections, so that none of
    the many connections of a run gets it before the program for which it is meant."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_until_accepted(port, process, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return
        except OSError as error:
            if not process.is_alive:
                raise Failure(f"{process.name} has ended before it listened") from error
            time.sleep(0.005)
    raise Failure(f"{process.name} does not listen on port {port}")
