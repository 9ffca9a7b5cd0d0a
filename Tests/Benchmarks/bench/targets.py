"""The web services behind the tunnels."""

import os
import sys
from pathlib import Path

from .ports import free_port, wait_until_accepted

HERE = Path(__file__).parent
MEBIBYTE = 1 << 20
# Large enough for several tenths of a second, small enough for any page cache.
FILE_BYTES = 100 * MEBIBYTE


class Targets:
    """nginx for all that it can do, and a small program for uploads and for answers that never end."""

    def __init__(self, processes):
        root = f"{processes.directory}/www"
        os.mkdir(root)
        # Random, so that a tunnel that compresses gains nothing.
        with open(f"{root}/100m", "wb") as file:
            for _ in range(FILE_BYTES // MEBIBYTE):
                file.write(os.urandom(MEBIBYTE))
        with open(f"{root}/1m", "wb") as file:
            file.write(os.urandom(MEBIBYTE))

        self.web_port = free_port()
        configuration = f"{processes.directory}/nginx.conf"
        text = (HERE / "nginx.conf").read_text().replace("{port}", str(self.web_port))
        Path(configuration).write_text(text)
        prefix = processes.directory + "/"
        web = processes.start("nginx", ["nginx", "-e", "stderr", "-p", prefix, "-c", configuration])

        self.sink_port = free_port()
        sink = processes.start("origin", [sys.executable, str(HERE / "origin.py"), str(self.sink_port)])
        wait_until_accepted(self.web_port, web)
        wait_until_accepted(self.sink_port, sink)


class NarrowLink:
    """Puts a relay before a port."""

    def __init__(self, processes, bytes_per_second):
        self.processes = processes
        self.bytes_per_second = bytes_per_second

    def to(self, port):
        """Starts the relay; the port through which the other one is reached."""
        through = free_port()
        command = [sys.executable, str(HERE / "relay.py"), str(through), str(port), str(self.bytes_per_second)]
        wait_until_accepted(through, self.processes.start("relay", command))
        return through
