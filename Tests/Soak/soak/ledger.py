"""What happened: what visits achieved, which failures were to be expected, and which were not."""

import time
from collections import Counter, defaultdict

# After a tunnel is back its visitors' old connections still break, and ends of processes are still noticed.
GRACE_SECONDS = 1.0
# Beyond this many unexplained failures a run ends early.
FAULTS_AT_MOST = 50


class Totals:
    def __init__(self):
        self.visits = self.requests = self.excused = self.failed = self.sent = self.received = 0


class Disturbance:
    """Something that makes visits of some tunnels fail, until `end`."""

    def __init__(self, what, tunnels, begin):
        self.what = what
        self.tunnels = frozenset(tunnels)
        self.begin = begin
        self.end = None


class Ledger:
    def __init__(self):
        self.begun = time.monotonic()
        self.totals = defaultdict(Totals)
        self.aborts = Counter()
        self.disturbances = []
        self.recoveries = defaultdict(list)
        self.faults = []
        self.busy = 0

    def say(self, text):
        print(f"{time.monotonic() - self.begun:8.1f} s  {text}", flush=True)

    def fault(self, text):
        """An unexplained failure."""
        self.faults.append(text)
        self.say(f"FAULT: {text}")

    # Disturbances

    def disturb(self, what, tunnels):
        disturbance = Disturbance(what, tunnels, time.monotonic())
        self.disturbances.append(disturbance)
        return disturbance

    def recovered(self, disturbance, seconds, limit):
        disturbance.end = time.monotonic() + GRACE_SECONDS
        self.note_recovery(disturbance.what, seconds, limit)

    def note_recovery(self, what, seconds, limit):
        self.recoveries[what].append(seconds)
        if seconds > limit:
            self.fault(f"{what}: back after {seconds:.1f} s, not {limit} s")

    def excuse(self, tunnels, since):
        """The disturbance that explains a failure now of a connection that was opened at `since`."""
        for disturbance in reversed(self.disturbances):
            if not disturbance.tunnels.isdisjoint(tunnels) and (disturbance.end is None or disturbance.end >= since):
                return disturbance
        return None

    # The report

    def report(self):
        names = ("visits", "requests", "excused", "failed")
        print(f"\n{'':16}" + "".join(f"{name:>10}" for name in names) + f"{'sent MB':>10}{'received':>10}")
        rows = sorted(self.totals.items())
        everything = Totals()
        for _, totals in rows:
            for name, value in vars(totals).items():
                setattr(everything, name, getattr(everything, name) + value)
        for kind, totals in [*rows, ("all", everything)]:
            print(
                f"{kind:16}"
                + "".join(f"{getattr(totals, name):>10}" for name in names)
                + f"{totals.sent / 1e6:10.1f}{totals.received / 1e6:10.1f}"
            )
        print(f"\nbytes checked: {everything.sent + everything.received:,}")
        print("aborts: " + ", ".join(f"{what} {count}" for what, count in sorted(self.aborts.items())))
        print(f"visits left out because as many as allowed were under way: {self.busy}")
        print(f"\n{'back after, s':32}{'times':>8}{'least':>8}{'median':>8}{'most':>8}")
        for what, times in sorted(self.recoveries.items()):
            times.sort()
            row = (times[0], times[len(times) // 2], times[-1])
            print(f"{what:32}{len(times):8}" + "".join(f"{seconds:8.2f}" for seconds in row))
