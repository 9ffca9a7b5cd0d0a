"""What is compared: programs and how they are started."""

import argparse
import re
import shlex
from dataclasses import dataclass, field

SUBDOMAIN = "bench"
OWN_NAMES = ("direct", "haproxy", "haproxy64k", "tpot", "dashboard")


@dataclass(frozen=True)
class Candidate:
    """A way from a visitor to the target.

    Commands, configurations and the host are templates: {port} is where visitors connect, {link} where one side finds
    the other, {hop} a port for candidates whose sides listen on ports of their own, {target} the web server's port,
    {directory} a directory of its own.
    """

    name: str
    title: str
    server: list = field(default_factory=list)
    client: list = field(default_factory=list)
    host: str = "{subdomain}.localhost:{port}"
    configurations: dict = field(default_factory=dict)
    # Which of the ports the link is accepted on: a relay for a narrow link is put before it.
    link_listener: str = "port"
    # The client runs in a terminal of its own.
    in_terminal: bool = False

    @property
    def is_tunnel(self):
        return bool(self.server or self.client)


DIRECT = Candidate("direct", "direct")


def haproxy(name, title, setting=""):
    """Two TCP hops in a chain, a thread each: the least that a relay in user space costs."""

    def configuration(listen, to):
        return f"""
global
  nbthread 1
  maxconn 4000
  {setting}
defaults
  mode tcp
  maxconn 4000
  retries 0
  timeout connect 5s
  timeout client 600s
  timeout server 600s
listen hop
  bind 127.0.0.1:{listen}
  server next 127.0.0.1:{to}
"""

    return Candidate(
        name,
        title,
        server=["haproxy", "-db", "-f", "{directory}/first.cfg"],
        client=["haproxy", "-db", "-f", "{directory}/second.cfg"],
        configurations={
            "first.cfg": configuration("{port}", "{link}"),
            "second.cfg": configuration("{hop}", "{target}"),
        },
        link_listener="hop",
    )


HAPROXY = haproxy("haproxy", "HAProxy ×2")
HAPROXY_64K = haproxy("haproxy64k", "HAProxy ×2, 64 KiB", "tune.bufsize 65536")


def tpot(binary):
    """Headless: a line for each request is printed, to nowhere."""
    return _tpot("tpot", "tpot", binary, ["--no-ui"], in_terminal=False)


def tpot_with_dashboard(binary):
    return _tpot("dashboard", "tpot with the dashboard", binary, [], in_terminal=True)


def _tpot(name, title, binary, options, in_terminal):
    return Candidate(
        name,
        title,
        server=[binary, "server", "--domain", "localhost", "--bind", "127.0.0.1", "--port", "{port}"],
        client=[binary, "http", "127.0.0.1:{target}", "-t", "http://localhost:{link}", "-s", "{subdomain}", *options],
        in_terminal=in_terminal,
    )


def added(text):
    """A candidate of the command line."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) not in (3, 4) or not parts[2]:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME|SERVER|CLIENT or NAME|SERVER|CLIENT|HOST")
    if not re.fullmatch(r"[\w.-]+", parts[0]) or parts[0] in OWN_NAMES:
        raise argparse.ArgumentTypeError(f"{parts[0]!r}: a name has letters, digits, . - _ and is none of {OWN_NAMES}")
    try:
        server, client = (shlex.split(command) for command in parts[1:3])
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error
    host = {"host": parts[3]} if len(parts) == 4 else {}
    return Candidate(parts[0], parts[0], server=server, client=client, **host)
