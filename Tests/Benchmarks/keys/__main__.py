"""Starts a server, a client with the dashboard, a target and visitors; presses keys; prints a table."""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from . import traffic
from .program import Program
from .steps import GROUPS, LAST, Typed


def options():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/latency", description=__doc__)
    parser.add_argument("--binary", help="the tpot to measure instead of .build/release/tpot")
    parser.add_argument("--exchanges", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5, help="how often each key is pressed (%(default)s)")
    parser.add_argument("--rate", type=int, default=500, help="requests a second while traffic goes on; 0: none")
    parser.add_argument("--idle", type=int, default=60, help="seconds for the cost of doing nothing; 0: not measured")
    parser.add_argument("--only", default="", help="only names that contain this, as the table shows them: `list: j`")
    parser.add_argument("--columns", type=int, default=120)
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--slow", type=float, default=100, help="milliseconds from which on a key is called slow")
    parser.add_argument("--screens", action="store_true", help="print the screen when a key changed nothing")
    return parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Table:
    """What was measured for each key, in the order in which it was first pressed."""

    def __init__(self):
        self.rows = {}

    def add(self, name, kind, echo):
        first, last = echo
        row = self.rows.setdefault(name, {}).setdefault(kind, {"first": [], "last": [], "none": 0})
        if first is None:
            row["none"] += 1
        else:
            row["first"].append(first)
            row["last"].append(last)

    def is_dead(self, name, kind):
        row = self.rows.get(name, {}).get(kind)
        return row and row["none"] and not row["first"]

    def print(self, kinds, slow):
        heads = "".join(f" {kind}: p50 | max | settled |" for kind in kinds)
        print(f"| key, milliseconds to its first echo |{heads}\n| --- |" + " ---: | ---: | ---: |" * len(kinds))
        for name, row in self.rows.items():
            cells = "".join(self._cells(row.get(kind), slow) for kind in kinds)
            print(f"| {name} |{cells}")
        for kind in kinds:
            every = [each for row in self.rows.values() for each in row.get(kind, {"first": []})["first"]]
            if every:
                above = sum(each > slow for each in every)
                middle = statistics.median(every)
                print(f"\n{kind}: {len(every)} keys, p50 {middle:.1f}, max {max(every):.1f} ms, {above} above {slow:.0f}")

    @staticmethod
    def _cells(values, slow):
        if not values or not values["first"]:
            return " nothing changed | | |" if values else " | | |"
        middle, most = statistics.median(values["first"]), max(values["first"])
        mark = "**" if most > slow else ""
        some = f" ({values['none']}× nothing)" if values["none"] else ""
        return f" {middle:.1f} | {mark}{most:.1f}{mark}{some} | {max(values['last']):.0f} |"


class Run:
    def __init__(self, program, table, chosen):
        self.program = program
        self.table = table
        self.chosen = chosen

    def group(self, group, kind, rounds):
        print(f"{time.strftime('%H:%M:%S')} {group.name}, {kind}", file=sys.stderr)
        names = [self._name(group, step) for step in group.steps]
        if not any(self.chosen.only in name for name in names):
            return
        for _ in range(rounds):
            self._press(group.begin, 0.3)
            for name, step in zip(names, group.steps):
                if self.chosen.only in name and self.program.popen.poll() is None:
                    self._step(group, step, name, kind)
            self._press(group.end, 0.1)

    @staticmethod
    def _name(group, step):
        if isinstance(step, Typed):
            return f"{group.name}: each letter of `{step.text}`"
        return f"{group.name}: {step.name or step.key}"

    def _press(self, keys, pause=0.08):
        for key in keys:
            self.program.press(key, pause)

    def _step(self, group, step, name, kind):
        self._press(group.each)
        if isinstance(step, Typed):
            self._press([step.prompt])
            for letter in step.text:
                self._measure(letter, group, name, kind)
            self._measure(step.end, group, f"{name}, then enter", kind)
            self._press(step.undo, 0.15)
            return
        self._press(step.before)
        self._measure(step.key, group, name, kind)
        self._press(step.undo, 0.1)

    def _measure(self, key, group, name, kind):
        # What does nothing at first does nothing later; waiting for it takes a second each time.
        if self.table.is_dead(name, kind):
            return
        echo = self.program.echo(key, group.region)
        if echo[0] is None and self.chosen.screens:
            print(f"--- {kind}, {name}, `{key}`:", *self.program.screen.lines, sep="\n", file=sys.stderr)
        self.table.add(name, kind, echo)


def main():
    chosen = options()
    root = os.path.realpath(f"{os.path.dirname(__file__)}/../../..")
    binary = os.path.realpath(chosen.binary or f"{root}/.build/release/tpot")
    directory = tempfile.mkdtemp()
    # Without a browser, and with an editor that changes nothing.
    environment = {"HOME": directory, "LANG": "C.UTF-8", "TERM": "xterm-256color", "EDITOR": "/bin/true"}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = []
    program = server = None
    try:
        target_port, server_port = free_port(), free_port()
        started.append(traffic.start(traffic.run_target, target_port))
        serving = [binary, "server", "--domain", "localhost", "--bind", "127.0.0.1", "--port", str(server_port)]
        server = subprocess.Popen(serving, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = [binary, "http", str(target_port), "-t", f"localhost:{server_port}", "-s", "bench", "--wait"]
        client += ["--capture-memory", "2GiB"]
        program = Program(client, environment, directory, chosen.columns, chosen.rows)
        if not program.wait_for("bench.localhost", 20):
            sys.exit("\n".join(["the dashboard shows no URL:", *program.screen.lines]))
        measure(program, chosen, server_port, started)
    finally:
        if program:
            program.stop()
        if server:
            server.terminate()
            server.wait(10)
        for process in started:
            process.kill()
        shutil.rmtree(directory)


def measure(program, chosen, port, started):
    host = f"bench.localhost:{port}"
    begin = time.monotonic()
    load = traffic.start(traffic.run_load, port, host, chosen.exchanges)
    started.append(load)
    while load.is_alive():
        program.watch(0.5)
    program.watch(2)
    memory = program.memory_mib()
    print(f"{chosen.exchanges} requests in {time.monotonic() - begin - 2:.1f} s; {memory:.0f} MiB resident\n")
    if chosen.idle:
        before = program.cpu_seconds()
        program.watch(chosen.idle)
        used = (program.cpu_seconds() - before) / chosen.idle
        print(f"idle, online, for {chosen.idle} s: {used * 100:.3f} % of a core\n", flush=True)
    table = Table()
    # Ctrl-C prints what was measured so far.
    try:
        press_all(program, chosen, port, host, started, table)
    finally:
        table.print(["quiet", f"{chosen.rate} requests/s"], chosen.slow)


def press_all(program, chosen, port, host, started, table):
    run = Run(program, table, chosen)
    for group in GROUPS:
        run.group(group, "quiet", chosen.rounds)
    if chosen.rate:
        visitors = traffic.start(traffic.run_traffic, port, host, chosen.rate)
        started.append(visitors)
        program.watch(1)
        for group in GROUPS:
            run.group(group, f"{chosen.rate} requests/s", chosen.rounds)
        visitors.kill()
        program.watch(0.5)
    run.group(LAST, "quiet", 1)


main()
