"""Visitors: wrk, curl, and one who asks for little again and again."""

import re
import statistics
import time

from .failure import Failure
from .targets import FILE_BYTES
from .tunnel import ANSWER

MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def small_requests(tunnel, connections, seconds, closing=False):
    """wrk: the number of requests answered, those a second, and the 99th percentile of the latency in ms."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "4s", "--latency"]
    command += ["-H", f"Host: {tunnel.host}"] + (["-H", "Connection: close"] if closing else [])
    text, errors = tunnel.processes.output([*command, f"http://127.0.0.1:{tunnel.port}/"], seconds + 15)
    count = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    if not (count and rate and p99 and int(count[1])):
        raise Failure(f"wrk got no answers: {errors or text.strip()[-200:]}")
    if trouble := re.search(r"Socket errors.*|Non-2xx.*", text):
        raise Failure(f"wrk: {trouble[0]}, with {count[1]} answers")
    return int(count[1]), float(rate[1]), float(p99[1]) * MILLISECONDS[p99[2]]


def curl_command(tunnel, path, *options, count=1, at_once=1):
    command = ["curl", "-sS", "-m", "60", "-H", f"Host: {tunnel.host}", *options]
    command += ["-w", "%{http_code} %{size_download} %{size_upload} %{time_total}\n"]
    if at_once > 1:
        command += ["--parallel", "--parallel-immediate", "--parallel-max", str(at_once)]
    return command + ["-o", "/dev/null", f"http://127.0.0.1:{tunnel.port}{path}"] * count


def transfer(tunnel, path, *options, count=1, upload=False):
    """Curl: the megabytes a second of whole transfers, all at once."""
    begin = time.monotonic()
    text, errors = tunnel.processes.output(curl_command(tunnel, path, *options, count=count, at_once=count), 70)
    elapsed = time.monotonic() - begin
    done = [line.split() for line in text.splitlines()]
    whole = [line for line in done if line[0] == "200" and int(line[2 if upload else 1]) == FILE_BYTES]
    if len(whole) != count:
        raise Failure(f"{len(whole)} of {count} transfers were whole: {errors or text.strip()}")
    # With one, without the time that curl takes to start.
    return count * FILE_BYTES / 1e6 / (float(whole[0][3]) if count == 1 else elapsed)


class Downloads:
    """Downloads in the background."""

    def __init__(self, tunnel, *options, count, at_once):
        self.processes = tunnel.processes
        self.curl = self.processes.start("curl", curl_command(tunnel, "/100m", *options, count=count, at_once=at_once))

    @property
    def are_under_way(self):
        return self.curl.is_alive

    def stop(self):
        """Ends those that are still under way; the others have to have been whole."""
        if not self.are_under_way and self.curl.popen.returncode != 0:
            raise Failure(f"a download was not whole: {self.curl.last_words()}")
        self.processes.stop(self.curl)


class Patience:
    """A visitor who asks for 13 bytes again and again, and how long each took, in ms."""

    # A new connection after so many requests: what is new has to get through as well.
    REQUESTS_EACH = 20

    def __init__(self, tunnel):
        self.tunnel = tunnel
        self.taken = []

    def ask(self, seconds, until=lambda: False):
        end = time.monotonic() + seconds
        connection = None
        try:
            while time.monotonic() < end and not until():
                if connection and len(self.taken) % self.REQUESTS_EACH == 0:
                    connection.close()
                    connection = None
                begin = time.monotonic()
                try:
                    connection = connection or self.tunnel.connect()
                    self._ask_once(connection)
                except TimeoutError:
                    # No answer within the connection's 10 s: those count.
                    if connection:
                        connection.close()
                    connection = None
                self.taken.append((time.monotonic() - begin) * 1000)
                time.sleep(0.01)
        finally:
            if connection:
                connection.close()
        return self

    def _ask_once(self, connection):
        connection.sendall(self.tunnel.request())
        answer = b""
        while not answer.endswith(ANSWER):
            more = connection.recv(4096)
            if not more:
                raise Failure(f"a small request was answered with {answer[:80]!r}")
            answer += more

    @property
    def median(self):
        return statistics.median(self.taken)

    @property
    def worst(self):
        return max(self.taken)
