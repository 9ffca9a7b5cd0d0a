"""The program in a pseudo-terminal, and the time from a key to its echo."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time

from .screen import Screen

NAMES = {
    "Enter": b"\r",
    "Esc": b"\x1b",
    "Tab": b"\t",
    "BackTab": b"\x1b[Z",
    "Space": b" ",
    "Up": b"\x1bOA",
    "Down": b"\x1bOB",
    "Right": b"\x1bOC",
    "Left": b"\x1bOD",
    "Home": b"\x1bOH",
    "End": b"\x1bOF",
    "PageUp": b"\x1b[5~",
    "PageDown": b"\x1b[6~",
    "Backspace": b"\x7f",
}


def key_bytes(key):
    if key.startswith("ctrl-"):
        return bytes([ord(key[5]) & 0x1F])
    return NAMES.get(key) or key.encode()


class Program:
    """A program that runs in a terminal of its own."""

    def __init__(self, command, environment, directory, columns, rows):
        primary, secondary = os.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.popen = subprocess.Popen(
            command,
            stdin=secondary,
            stdout=secondary,
            stderr=secondary,
            env=environment,
            cwd=directory,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(secondary)
        self.terminal = primary
        self.screen = Screen(columns, rows)

    def read(self, seconds):
        """Feeds the screen what comes next; False if nothing came in time, or the program has ended."""
        ready, _, _ = select.select([self.terminal], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.terminal, 1 << 18)
        except OSError:
            return False
        self.screen.feed(data)
        return bool(data)

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.read(left) and self.popen.poll() is not None:
                return

    def wait_for(self, text, seconds):
        """Whether the screen shows `text` in time."""
        end = time.monotonic() + seconds
        while not any(text in line for line in self.screen.lines):
            if time.monotonic() > end or self.popen.poll() is not None:
                return False
            self.read(0.2)
        return True

    def press(self, key, pause=0.06):
        os.write(self.terminal, key_bytes(key))
        self.watch(pause)

    def echo(self, key, what, limit=1.0, quiet=0.1, patience=5.0):
        """Presses a key.

        Returns the milliseconds until `what`, a function of the screen, has another result for the first time, and
        until it last had another one before it stayed as it is for `quiet` seconds. None if nothing changed within `limit`
        seconds. `patience` is for what goes on changing.
        """
        before = what(self.screen)
        begin = time.monotonic()
        os.write(self.terminal, key_bytes(key))
        first = last = None
        seen = before
        while True:
            now = time.monotonic()
            if first is None and now - begin > limit:
                return None, None
            if first is not None and now - last > quiet or now - begin > patience:
                return (first - begin) * 1000, (last - begin) * 1000
            if not self.read(0.02) and self.popen.poll() is not None:
                return (None, None) if first is None else ((first - begin) * 1000, (last - begin) * 1000)
            shown = what(self.screen)
            if shown != seen:
                last = time.monotonic()
                first = first or last
                seen = shown

    def cpu_seconds(self):
        """Of all its threads, in nanosecond steps."""
        total = 0
        for task in os.listdir(f"/proc/{self.popen.pid}/task"):
            try:
                with open(f"/proc/{self.popen.pid}/task/{task}/schedstat") as stat:
                    total += int(stat.read().split()[0])
            except OSError:
                pass  # the thread has ended
        return total / 1e9

    def memory_mib(self):
        with open(f"/proc/{self.popen.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.popen.poll() is None:
                os.kill(self.popen.pid, number)
            end = time.monotonic() + 3
            # What it still writes has to be read, or it may wait for ever.
            while self.popen.poll() is None and time.monotonic() < end:
                self.read(0.05)
        os.close(self.terminal)
