"""Starting programs, looking at what they use, and stopping every one of them whatever happens."""

import asyncio
import os
import re
import signal
import socket
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# A stop that is asked for lets answers under way have 5 s.
STOP_SECONDS = 10
TICKS = os.sysconf("SC_CLK_TCK")
# Below the ports that the kernel gives to those who ask for any: nobody takes ours while a process is restarted.
PORTS = range(10_000, 32_000)


class Process:
    """A program that runs until it is told to stop."""

    def __init__(self, name, log):
        self.name = name
        self.log = log
        self.process = None
        self.is_stopping = False

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        """From now on its end is no surprise, unless it goes on."""
        self.is_stopping = True
        if self.process.returncode is None:
            self.process.send_signal(number)

    async def ended(self):
        """Its exit status, negative for a signal; None if it does not end in time, and then it is killed."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self.process.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self.process.wait()
            return None

    def last_words(self, lines=6):
        with open(self.log, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - 4096))
            text = log.read().decode(errors="replace")
        return "\n".join(text.strip().splitlines()[-lines:])

    def memory_mib(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def peak_mib(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            # After the name, which may hold spaces: utime and stime are fields 14 and 15 of proc(5).
            return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / TICKS

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class Processes:
    """All that a run has started, and the folder in which it keeps its files."""

    def __init__(self, on_surprise):
        """`on_surprise` is called with a process that ended without being asked."""
        self.folder = tempfile.mkdtemp(prefix="tpot-soak-")
        self.on_surprise = on_surprise
        self.running = []
        self.watchers = set()
        # Nothing of the user's: a setting or proxy of theirs would change the run.
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": self.folder,
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": HERE,
        }
        if "LD_LIBRARY_PATH" in os.environ:
            self.environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]

    async def start(self, name, command, on_line=None):
        """`on_line` gets the lines of its standard output. Should we be killed, the kernel kills it."""
        process = Process(name, f"{self.folder}/{name}.log")
        with open(process.log, "ab") as log:
            process.process = await asyncio.create_subprocess_exec(
                "setpriv",
                "--pdeathsig",
                "KILL",
                *command,
                cwd=self.folder,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if on_line else log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        self._watch(self._await_end(process))
        if on_line:
            self._watch(self._read_lines(process, on_line))
        return process

    def _watch(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.watchers.add(task)
        task.add_done_callback(self.watchers.discard)

    async def _await_end(self, process):
        await process.process.wait()
        self.running.remove(process)
        if not process.is_stopping:
            self.on_surprise(process)

    @staticmethod
    async def _read_lines(process, on_line):
        while line := await process.process.stdout.readline():
            on_line(line)

    async def stop_all(self):
        for process in list(self.running):
            process.signal(signal.SIGKILL)
            await process.process.wait()


def python(module, *arguments):
    return [sys.executable, "-m", module, *map(str, arguments)]


def free_port(random, taken):
    """One that is not in use, nor in `taken`, to which it is added."""
    while True:
        port = random.choice(PORTS)
        if port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        taken.add(port)
        return port
