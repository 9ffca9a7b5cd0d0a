"""The machine, and what others do on it meanwhile."""

import os
import platform
import re
import resource
import time

from .usage import TICKS

# Cores that others may use before a measurement counts as disturbed.
QUIET = 0.2


def description():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*:\s*(.+)", file.read())
    with open("/proc/meminfo") as file:
        kibibytes = int(re.search(r"MemTotal:\s+(\d+)", file.read())[1])
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} core{'' if cores == 1 else 's'}{f' ({model[1]})' if model else ''}, {kibibytes / 2**20:.0f} GiB, "
        f"{platform.system()} {platform.release()} {platform.machine()}, {time.strftime('%Y-%m-%d')}"
    )


def busy_seconds():
    """CPU time spent on anything since the machine started.

    Interrupts too, which the kernel charges to processes, and what the host of a virtual machine gave to others.
    """
    with open("/proc/stat") as stat:
        user, nice, system, _, _, hard, soft, stolen = map(int, stat.readline().split()[1:9])
    return (user + nice + system + hard + soft + stolen) / TICKS


class OtherLoad:
    """How many cores strangers used inside a `with`."""

    def __init__(self, processes):
        self.processes = processes
        self.cores = 0.0

    def _own_seconds(self):
        total = self.processes.cpu_seconds()
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            total += usage.ru_utime + usage.ru_stime
        return total

    def __enter__(self):
        self.start = time.monotonic(), busy_seconds(), self._own_seconds()
        return self

    def __exit__(self, *_):
        elapsed, busy, own = (
            now - then for now, then in zip((time.monotonic(), busy_seconds(), self._own_seconds()), self.start)
        )
        self.cores = max(0.0, busy - own) / max(elapsed, 1e-6)


def wait_for_quiet(processes):
    """Waits a little for a moment in which others do little; goes on in any case."""
    for _ in range(2):
        with OtherLoad(processes) as load:
            time.sleep(0.5)
        if load.cores <= QUIET:
            return
        time.sleep(1.5)
