"""What processes use, from /proc."""

import os
import re

TICKS = os.sysconf("SC_CLK_TCK")


def descendants(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as children:
                for child in map(int, children.read().split()):
                    found += [child, *descendants(child)]
    except OSError:
        pass  # it has ended meanwhile
    return found


def cpu_seconds(pid):
    """User and system time of a process, its descendants, and those of them that have ended."""
    ticks = 0
    for each in [pid, *descendants(pid)]:
        try:
            with open(f"/proc/{each}/stat") as stat:
                # After the name, which may hold spaces: utime, stime, cutime and cstime are fields 14 to 17 of proc(5).
                ticks += sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:15]))
        except OSError:
            pass
    return ticks / TICKS


def memory_mib(pid):
    """Resident memory of a process and its descendants."""
    kibibytes = 0
    for each in [pid, *descendants(pid)]:
        try:
            with open(f"/proc/{each}/status") as status:
                resident = re.search(r"VmRSS:\s+(\d+)", status.read())
        except OSError:
            continue
        kibibytes += int(resident[1]) if resident else 0
    return kibibytes / 1024
