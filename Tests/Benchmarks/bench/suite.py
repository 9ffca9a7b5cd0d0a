"""The tests. Each gets a tunnel that has just started, and gives numbers by name."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .failure import Failure
from .load import Downloads, Patience, small_requests, transfer
from .targets import FILE_BYTES

DOWNLOADS = 8
IDLE_CONVERSATIONS = 1000
NARROW_BYTES_PER_SECOND = 5e6


def rate(tunnel, options, connections, closing=False):
    small_requests(tunnel, connections, 1, closing)
    before = tunnel.cpu_seconds()
    count, per_second, p99 = small_requests(tunnel, connections, options.seconds, closing)
    cpu = tunnel.cpu_seconds() - before
    result = {"rate": per_second, "p99": p99}
    if tunnel.candidate.is_tunnel:
        result["cpu"] = cpu / count * 100_000
    return result


def dashboard(tunnel, options):
    """The same load with the dashboard open and without it."""
    result = rate(tunnel, options, 64)
    terminal = tunnel.client.terminal
    if terminal and terminal.drawn_bytes < 10_000:
        raise Failure(f"the dashboard drew only {terminal.drawn_bytes} bytes")
    return result


def download(tunnel, options):
    transfer_one = partial(transfer, tunnel, "/100m")
    transfer_one()
    before = tunnel.cpu_seconds()
    repetitions = 3 if options.quick else 5
    speeds = sorted(transfer_one() for _ in range(repetitions))
    cpu = tunnel.cpu_seconds() - before
    result = {"one": speeds[repetitions // 2], "many": transfer_one(count=DOWNLOADS)}
    if tunnel.candidate.is_tunnel:
        result["cpu"] = cpu / (repetitions * FILE_BYTES / 1e9)
    return result


def upload(tunnel, options):
    # Without Expect, curl does not wait to be asked for the body.
    what = ("-X", "POST", "-T", f"{tunnel.processes.directory}/www/100m", "-H", "Expect:")
    send = partial(transfer, tunnel, "/up", *what, upload=True)
    send()
    repetitions = 3 if options.quick else 5
    return {"speed": sorted(send() for _ in range(repetitions))[repetitions // 2]}


def memory(tunnel, options):
    """Idle, with readers as fast as they can, and with readers that take 1 MB/s each."""
    time.sleep(1)
    server, client = tunnel.memory_mib()
    result = {"server": server, "client": client}
    for name, count, reading in (("fast", 2 * DOWNLOADS, []), ("slow", DOWNLOADS, ["--limit-rate", "1M"])):
        downloads = Downloads(tunnel, *reading, count=count, at_once=DOWNLOADS)
        end = time.monotonic() + (4 if options.quick else 8)
        most = client
        while downloads.are_under_way and time.monotonic() < end:
            most = max(most, tunnel.memory_mib()[1])
            time.sleep(0.05)
        downloads.stop()
        result[name] = most
    return result


def idle(tunnel, options):
    """What conversations cost that nothing happens in."""
    time.sleep(1)
    before = sum(tunnel.memory_mib())
    connections = []
    try:
        for _ in range(IDLE_CONVERSATIONS):
            connections.append(tunnel.connect())
            connections[-1].sendall(tunnel.request("/hang"))
        for connection in connections:
            while not (answer := connection.recv(4096)).endswith(b"ok\r\n"):
                if not answer:
                    raise ConnectionError("a conversation was closed before its answer")
        time.sleep(1)
        return {"memory": sum(tunnel.memory_mib()) - before}
    finally:
        for connection in connections:
            connection.close()


def startup(tunnel, options):
    taken = [tunnel.startup_milliseconds]
    for _ in range(4):
        tunnel.restart()
        taken.append(tunnel.startup_milliseconds)
    return {"milliseconds": sorted(taken)[2]}


def mix(tunnel, options):
    """A small request beside downloads at full speed."""
    Patience(tunnel).ask(seconds=1)
    downloads = Downloads(tunnel, count=(3 if options.quick else 6) * DOWNLOADS, at_once=DOWNLOADS)
    patience = Patience(tunnel).ask(seconds=60, until=lambda: not downloads.are_under_way)
    downloads.stop()
    return {"median": patience.median, "worst": patience.worst}


def narrow(tunnel, options):
    """A small request beside one download, where the link between client and server takes 5 MB/s."""
    Patience(tunnel).ask(seconds=1)
    downloads = Downloads(tunnel, count=1, at_once=1)
    time.sleep(0.5)
    most = 0.0

    def watch():
        nonlocal most
        most = max(most, tunnel.memory_mib()[1])
        return False

    patience = Patience(tunnel).ask(seconds=5 if options.quick else 10, until=watch)
    if not downloads.are_under_way:
        raise Failure("the download came faster than the link goes, or was cut")
    downloads.stop()
    return {"median": patience.median, "worst": patience.worst, "memory": most}


@dataclass(frozen=True)
class Test:
    measure: Callable
    # A tunnel without a link has none that is narrow, and no memory.
    needs_tunnel: bool = False
    needs_sink: bool = False
    narrow: bool = False
    only: tuple = ()


TESTS = {
    "wrk1": Test(partial(rate, connections=1)),
    "wrk16": Test(partial(rate, connections=16)),
    "wrk64": Test(partial(rate, connections=64)),
    "close16": Test(partial(rate, connections=16, closing=True)),
    "download": Test(download),
    "upload": Test(upload, needs_sink=True),
    "memory": Test(memory, needs_tunnel=True),
    "idle": Test(idle, needs_tunnel=True, needs_sink=True),
    "startup": Test(startup, needs_tunnel=True),
    "mix": Test(mix),
    "narrow": Test(narrow, needs_tunnel=True, narrow=True),
    "dashboard": Test(dashboard, only=("tpot", "dashboard")),
}
