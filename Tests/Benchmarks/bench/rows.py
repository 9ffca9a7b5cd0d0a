"""The table's rows: which numbers they show, and what tpot is to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """One number of a test."""

    name: str
    # What tpot is to reach: a ratio to HAProxy where `as_ratio` says so, or the number itself.
    target: float
    as_ratio: bool = False
    more_is_better: bool = False

    def is_reached(self, value, ratio):
        """None where nothing to compare with was measured."""
        reached = ratio if self.as_ratio else value
        if reached is None:
            return None
        return reached >= self.target if self.more_is_better else reached <= self.target

    @property
    def target_text(self):
        return f"{'≥' if self.more_is_better else '≤'} {self.target:g}{'×' if self.as_ratio else ''}"


@dataclass(frozen=True)
class Row:
    title: str
    test: str
    numbers: tuple
    # Which candidate is held against which.
    subject: str = "tpot"
    base: str = "haproxy"


def speed(name, target):
    return Number(name, target, as_ratio=True, more_is_better=True)


ROWS = (
    Row("small requests a second, 1 connection", "wrk1", (speed("rate", 1.0),)),
    Row("small requests a second, 16 connections", "wrk16", (speed("rate", 1.2),)),
    Row("small requests a second, 64 connections", "wrk64", (speed("rate", 1.5),)),
    Row("p99 at 64 connections, ms", "wrk64", (Number("p99", 0.8, as_ratio=True),)),
    Row("small requests a second, a connection for each, 16 at a time", "close16", (speed("rate", 1.0),)),
    Row("download, one stream, MB/s", "download", (speed("one", 1.4),)),
    Row("download, 8 streams, MB/s", "download", (speed("many", 1.5),)),
    Row("upload, MB/s", "upload", (speed("speed", 1.2),)),
    Row("CPU s for 100,000 requests at 64 connections, both sides", "wrk64", (Number("cpu", 2.2),)),
    Row("CPU s for a GB down, both sides", "download", (Number("cpu", 1.4),)),
    Row("memory idle, server / client, MiB", "memory", (Number("server", 20), Number("client", 24))),
    Row("client memory during 8 downloads, MiB", "memory", (Number("fast", 40),)),
    Row("client memory during 8 downloads by readers of 1 MB/s, MiB", "memory", (Number("slow", 40),)),
    Row("1,000 idle conversations, both sides together, MiB more", "idle", (Number("memory", 10),)),
    Row("exec of the client to the first answer, ms", "startup", (Number("milliseconds", 50),)),
    Row(
        "small request beside 8 downloads at full speed, p50 / worst, ms",
        "mix",
        (Number("median", 5), Number("worst", 40)),
    ),
    Row("link of 5 MB/s, one download: client memory, MiB", "narrow", (Number("memory", 32),)),
    Row(
        "link of 5 MB/s, one download: a small request beside it, p50 / worst, ms",
        "narrow",
        (Number("median", 20), Number("worst", 150)),
    ),
    Row(
        "dashboard open and capturing, requests a second at 64 connections; ratio to headless",
        "dashboard",
        (speed("rate", 0.9),),
        subject="dashboard",
        base="tpot",
    ),
)
