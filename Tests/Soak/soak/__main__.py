"""Tests/Soak/run: see README.md."""

import argparse
import asyncio
import os
import random
import resource
import shutil
import signal
import sys
import time

from .disturbances import Disturber
from .ledger import FAULTS_AT_MOST, Ledger
from .processes import Processes, free_port
from .tunnels import DOMAIN, Server, Tunnel, stop
from .visits import KINDS, Visit, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

# The first measurement is made after a sixth of the run, and after 5 minutes at the latest.
FIRST_MEASUREMENT = 300
# Before it is measured: the server keeps closing connections for up to 3 s.
SETTLE_SECONDS = 4
# Targets' connections are closed a second after their visitors' at the latest; a target notices when its pause is over.
TARGETS_FREE_SECONDS = 10
# Under way in one tunnel; a dead link keeps them for half a minute.
VISITS_AT_MOST = 24
# What a process may hold more at the end than at the first measurement, both times without a visitor.
# The allocator keeps what a burst of slow readers needed, and that is random.
MEMORY_GROWTH_MIB = 16
# Sockets of what nobody uses any more: none. One more, because a link may just be made anew.
DESCRIPTOR_GROWTH = 1
# Without visitors there are pings, and no more.
IDLE_CPU_SHARE = 0.05
# For the last measurement, and a last restart of the server.
CLOSING_SECONDS = 12
# What a run may take beyond its time: measurements, the last recoveries.
OVERTIME_SECONDS = 180


class Soak:
    def __init__(self, options):
        self.seed = options.seed
        self.rate = options.rate
        self.seconds = options.minutes * 60
        self.random = random.Random(options.seed)
        self.longest_idle = min(60, self.seconds / 20)
        self.longest_pause = min(10, self.seconds / 60)
        self.ledger = Ledger()
        self.domain = DOMAIN
        self.processes = Processes(self.surprise)
        self.processes.on_fault = self.ledger.fault
        self.ended = asyncio.Event()
        self.visits = {}
        taken = set()
        self.port = free_port(self.random, taken)
        self.server = Server(self.processes, os.path.abspath(options.binary), self.port)
        # One whose name the server picks, and whose client lives as long as the run.
        self.tunnels = [
            Tunnel(label, label != "picked", self.server, free_port(self.random, taken))
            for label in ("picked", "alpha", "beta")
        ]
        self.short_lived = self.tunnels[1:]
        self.relay_ports = [free_port(self.random, taken) for _ in self.tunnels]
        self.is_paused = False
        self.disturber = Disturber(self)

    def surprise(self, process):
        self.ledger.fault(
            f"{process.name} has ended with status {process.process.returncode}:\n{process.last_words()}"
        )
        self.ended.set()

    # Load

    async def load(self):
        """So many visits a second, as long as not too many are under way."""
        due = time.monotonic()
        number = 0
        while True:
            due = max(due + 1 / self.rate, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))
            if self.is_paused:
                continue
            number += 1
            visit = Visit(self, number)
            if sum(other.tunnel is visit.tunnel for other in self.visits.values()) >= VISITS_AT_MOST:
                self.ledger.busy += 1
                continue
            task = asyncio.create_task(run(visit))
            self.visits[task] = visit
            task.add_done_callback(self.visits.pop)
            if len(self.ledger.faults) > FAULTS_AT_MOST:
                self.ledger.say("too many faults")
                self.ended.set()

    async def rest(self):
        """Waits until no visit is under way, and nothing is left of them."""
        self.is_paused = True
        if self.visits:
            await asyncio.wait(self.visits)
        deadline = time.monotonic() + TARGETS_FREE_SECONDS
        for tunnel in self.tunnels:
            while count := await tunnel.open_connections_of_target():
                if time.monotonic() > deadline:
                    self.ledger.fault(f"target {tunnel.label} has {count} connections of visitors that have gone")
                    break
                await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLE_SECONDS)

    # Measuring

    async def measure(self):
        """Memory, descriptors and processor time of each process at rest, by its name and pid."""
        await self.rest()
        watched = [self.server.process, *(tunnel.client for tunnel in self.tunnels)]
        before = [process.cpu_seconds() for process in watched]
        begun = time.monotonic()
        await asyncio.sleep(1)
        figures = {}
        for process, cpu in zip(watched, before):
            share = (process.cpu_seconds() - cpu) / (time.monotonic() - begun)
            if share > IDLE_CPU_SHARE:
                self.ledger.fault(f"{process.name} uses {share:.0%} of a core without visitors")
            figures[process.name, process.pid] = (process.memory_mib(), process.descriptors(), process.peak_mib())
        self.is_paused = False
        return figures

    def compare(self, first, last):
        print(f"\n{'':16}{'memory first':>14}{'last, MiB':>10}{'peak':>8}{'descriptors':>16}{'last':>6}")
        for (name, pid), (memory, descriptors, peak) in last.items():
            if (name, pid) not in first:
                print(f"{name:16}{'(new)':>14}{memory:10.1f}{peak:8.1f}{'':16}{descriptors:6}")
                continue
            old_memory, old_descriptors, _ = first[name, pid]
            print(f"{name:16}{old_memory:14.1f}{memory:10.1f}{peak:8.1f}{old_descriptors:16}{descriptors:6}")
            if memory > old_memory + MEMORY_GROWTH_MIB:
                self.ledger.fault(f"{name} has grown by {memory - old_memory:.1f} MiB, not {MEMORY_GROWTH_MIB}")
            if descriptors > old_descriptors + DESCRIPTOR_GROWTH:
                self.ledger.fault(f"{name} has {descriptors - old_descriptors} descriptors more")

    # The run

    async def run(self):
        begun = time.monotonic()
        await self.server.start()
        for tunnel, port in zip(self.tunnels, self.relay_ports):
            await tunnel.start(port)
        for tunnel in self.tunnels:
            await tunnel.wait_until_back(20)
        self.ledger.say("the tunnels are up")
        load = asyncio.create_task(self.load())
        try:
            # The server and one client grow old from the first measurement on.
            await self.disturber.all_and_server(begun + min(self.seconds / 6, FIRST_MEASUREMENT))
            first = await self.measure()
            self.ledger.say("measured")
            await self.disturber.all_but_server(begun + self.seconds - CLOSING_SECONDS)
            last = await self.measure()
            self.ledger.say("measured")
            await self.disturber.server_restart(signal.SIGTERM)
            await self.rest()
        finally:
            load.cancel()
        for tunnel in self.tunnels:
            if (status := await stop(tunnel.client)) != 0:
                self.ledger.fault(f"client {tunnel.label} ends with {status} when it is asked to stop")
        if (status := await stop(self.server.process)) != 0:
            self.ledger.fault(f"the server ends with {status} when it is asked to stop")
        self.compare(first, last)

    async def run_until_ended(self):
        """Until it is over, or goes on no further."""
        tasks = [asyncio.create_task(self.run()), asyncio.create_task(self.ended.wait())]
        limit = self.seconds + OVERTIME_SECONDS
        done, pending = await asyncio.wait(tasks, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        if not done:
            self.ledger.fault(f"the run is not over after {limit:.0f} s")
        elif tasks[0] in done:
            tasks[0].result()
            for kind in KINDS:
                if not self.ledger.totals[kind].visits:
                    self.ledger.fault(f"no visit succeeded of the kind {kind}")

    async def clear_up(self):
        for task in self.visits:
            task.cancel()
        await asyncio.gather(*self.visits, return_exceptions=True)
        for tunnel in self.tunnels:
            tunnel.close()
        await self.processes.stop_all()
        for tunnel in self.tunnels[:1]:
            if os.path.exists(tunnel.faults_file):
                with open(tunnel.faults_file) as file:
                    for line in file:
                        self.ledger.fault(f"CORRUPTION: {line.strip()}")
        shutil.rmtree(self.processes.folder, ignore_errors=True)


async def main(options):
    soak = Soak(options)
    print(f"soak: {options.minutes:g} minutes, seed {options.seed}, {options.rate:g} visits a second, {options.binary}")
    asked = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked.cancel)
    try:
        await soak.run_until_ended()
    except asyncio.CancelledError:
        soak.ledger.fault("stopped by a signal")
    except Exception as error:
        soak.ledger.fault(f"{type(error).__name__}: {error}")
        raise
    finally:
        await soak.clear_up()
    soak.ledger.report()
    faults = soak.ledger.faults
    print(f"\nseed {options.seed}: " + (f"{len(faults)} FAULTS, the first: {faults[0]}" if faults else "no fault"))
    return 1 if faults else 0


def options():
    parser = argparse.ArgumentParser(prog="Tests/Soak/run", description="Runs a tunnel for long and checks every byte.")
    parser.add_argument("--minutes", type=float, default=30, help="how long (default: 30)")
    parser.add_argument("--seed", type=int, help="of all that is random (default: a new one, printed)")
    parser.add_argument("--rate", type=float, default=30, help="visits a second (default: 30)")
    default = f"{ROOT}/.build/debug/tpot"
    parser.add_argument("--binary", default=default, help="the tpot to run (default: that of `swift build`)")
    given = parser.parse_args()
    if given.seed is None:
        given.seed = int.from_bytes(os.urandom(4))
    if not os.access(given.binary, os.X_OK):
        parser.error(f"{given.binary} is no program; run `swift build`, or give --binary")
    return given


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sys.exit(asyncio.run(main(options())))
