"""A candidate that runs."""

import os
import socket
import time

from .candidates import SUBDOMAIN
from .failure import Failure
from .ports import free_port, wait_until_accepted

ANSWER = b"Hello, world!"


class Tunnel:
    """From a visitor's port to a target's."""

    def __init__(self, candidate, target, processes, narrow_link=None):
        self.candidate = candidate
        self.processes = processes
        self.port = free_port() if candidate.is_tunnel else target
        directory = f"{processes.directory}/{candidate.name}"
        self.values = {
            "port": self.port,
            "hop": free_port(),
            "target": target,
            "subdomain": SUBDOMAIN,
            "directory": directory,
        }
        listener = self.values[candidate.link_listener]
        self.values["link"] = narrow_link.to(listener) if narrow_link else listener
        self.host = self._filled(candidate.host)
        self.server = self.client = None
        # From the client's exec to the first answer.
        self.startup_milliseconds = 0.0
        os.makedirs(directory, exist_ok=True)
        for name, text in candidate.configurations.items():
            with open(f"{directory}/{name}", "w") as file:
                file.write(self._filled(text))

    def start(self):
        name = self.candidate.name
        if self.candidate.server:
            self.server = self.processes.start(f"{name}-server", self._command(self.candidate.server))
            wait_until_accepted(self.port, self.server)
        begin = time.monotonic()
        if self.candidate.client:
            self.client = self.processes.start(
                f"{name}-client", self._command(self.candidate.client), self.candidate.in_terminal
            )
        self._wait_until_ready(begin)

    def stop(self):
        for process in (self.client, self.server):
            if process:
                self.processes.stop(process)
        self.server = self.client = None

    def restart(self):
        self.stop()
        self.start()

    def check(self):
        """Says so when one of its processes has ended: whatever was measured is worth nothing then."""
        for process in (self.server, self.client):
            if process and not process.is_alive:
                raise Failure(f"{process.name} has ended with status {process.popen.returncode}")

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in (self.server, self.client) if process)

    def memory_mib(self):
        """Of the server and of the client."""
        return tuple(process.memory_mib() if process else 0.0 for process in (self.server, self.client))

    def request(self, path="/"):
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode()

    def connect(self, timeout=10):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _wait_until_ready(self, begin, seconds=10):
        answer = b""
        while time.monotonic() < begin + seconds:
            try:
                with self.connect(1) as connection:
                    connection.sendall(self.request())
                    answer = connection.recv(4096)
                    # The head and the body may come apart.
                    while answer.startswith(b"HTTP/1.1 200") and ANSWER not in answer:
                        more = connection.recv(4096)
                        if not more:
                            break
                        answer += more
                if ANSWER in answer:
                    self.startup_milliseconds = (time.monotonic() - begin) * 1000
                    return
            except OSError:
                pass
            self.check()
            time.sleep(0.001)
        raise Failure(f"no answer in {seconds} s, the last was {answer[:80]!r}")

    def _command(self, words):
        return [self._filled(word) for word in words]

    def _filled(self, text):
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", str(value))
        return text
