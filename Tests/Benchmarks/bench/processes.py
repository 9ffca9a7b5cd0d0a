"""Starting programs, and stopping every one of them whatever happens."""

import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

from .usage import cpu_seconds, memory_mib

# Nothing of whoever runs the benchmarks: a proxy or a setting of theirs would be measured with the rest.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin",
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
}


class Process:
    """A program that runs until it is stopped."""

    def __init__(self, popen, name, log=None, terminal=None):
        self.popen = popen
        self.name = name
        self.log = log
        self.terminal = terminal

    @property
    def is_alive(self):
        return self.popen.poll() is None

    def cpu_seconds(self):
        return cpu_seconds(self.popen.pid)

    def memory_mib(self):
        return memory_mib(self.popen.pid)

    def last_words(self, lines=4):
        """The end of what it wrote to standard error."""
        if not self.log:
            return ""
        with open(self.log, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - 4096))
            text = log.read().decode(errors="replace")
        return "\n".join(text.strip().splitlines()[-lines:])

    def stop(self):
        """Ends it and what it has started, with force where asking does not do."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.popen.pid, number)
            except ProcessLookupError:
                pass
            try:
                self.popen.wait(1.5)
            except subprocess.TimeoutExpired:
                pass
        if self.terminal:
            self.terminal.close()


class Terminal:
    """A terminal of 120 by 36 cells that somebody looks at: what is drawn is read, and forgotten."""

    def __init__(self):
        self.primary, self.secondary = os.openpty()
        fcntl.ioctl(self.secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.drawn_bytes = 0
        self.reader = threading.Thread(target=self._read, daemon=True)

    def started(self):
        # From now on only the program holds its end, so that reading ends when the program does.
        os.close(self.secondary)
        self.reader.start()

    def _read(self):
        try:
            while data := os.read(self.primary, 65536):
                self.drawn_bytes += len(data)
        except OSError:
            pass  # EIO: the program has ended

    def close(self):
        self.reader.join(2)
        os.close(self.primary)


class Processes:
    """All that a run has started, and the directory in which it keeps its files."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="tpot-benchmarks-")
        self.environment = {**ENVIRONMENT, "HOME": self.directory}
        self.running = []
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A second ctrl-C must not interrupt the clearing up.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for process in list(reversed(self.running)):
            self.stop(process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, name, command, in_terminal=False, output=subprocess.DEVNULL):
        """Starts a program in a session of its own: a ctrl-C is for us, and we stop it then.

        Should we be killed, the kernel stops it.
        """
        self.count += 1
        log = f"{self.directory}/{self.count}-{name}.log"
        terminal = Terminal() if in_terminal else None
        session = ["setsid", "--ctty"] if in_terminal else []
        with open(log, "wb") as errors:
            popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *session, *command],
                env=self.environment,
                cwd=self.directory,
                stdin=terminal.secondary if terminal else subprocess.DEVNULL,
                stdout=terminal.secondary if terminal else output,
                stderr=errors,
                start_new_session=not in_terminal,
            )
        if terminal:
            terminal.started()
        process = Process(popen, name, log, terminal)
        self.running.append(process)
        return process

    def stop(self, process):
        process.stop()
        self.running.remove(process)

    def output(self, command, timeout):
        """Runs a program to its end; its standard output and standard error."""
        process = self.start(os.path.basename(command[0]), command, output=subprocess.PIPE)
        try:
            output, _ = process.popen.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.stop()
            output, _ = process.popen.communicate()
        self.running.remove(process)
        return output.decode(errors="replace"), process.last_words()

    def cpu_seconds(self):
        """Of everything that runs now."""
        return sum(process.cpu_seconds() for process in self.running)


def progress(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)
