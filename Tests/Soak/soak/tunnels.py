"""The server and its tunnels: each a client, a target and a relay between client and server."""

import asyncio
import json
import random
import secrets
import signal
import time

from .messages import BUFFER, read_head
from .processes import free_port, python
from .relay import Relay

DOMAIN = "localhost"
# A key's proof takes some 0.1 s of a core in a debug build, several of them more.
START_SECONDS = 20
PROBE_INTERVAL = 0.05


class Server:
    def __init__(self, processes, binary, port):
        self.processes = processes
        self.binary = binary
        self.port = port
        self.process = None
        self.key_file = f"{processes.folder}/key"
        with open(self.key_file, "w") as file:
            file.write(secrets.token_urlsafe(32))

    async def start(self):
        command = [self.binary, "server", "--domain", DOMAIN, "--bind", "127.0.0.1", "--port", str(self.port)]
        self.process = await self.processes.start("server", [*command, "--auth-key-file", self.key_file])
        await wait_until_accepted(self.port, "server")


class Tunnel:
    def __init__(self, label, asks_for_name, server, target_port):
        """`label` is in the paths of its requests; without `asks_for_name` the server picks its public name."""
        self.label = label
        self.server = server
        self.processes = server.processes
        self.target_port = target_port
        self.relay = Relay(server.port)
        self.relay_port = None
        self.name = label if asks_for_name else None
        self.asks_for_name = asks_for_name
        self.client = self.target = None
        # Free for one disturbance at a time.
        self.lock = asyncio.Lock()
        self.losses = []
        self.faults_file = f"{self.processes.folder}/faults"

    def host(self, random=random):
        """One of the spellings of its public name."""
        spellings = (
            f"{self.name}.{DOMAIN}:{self.server.port}",
            f"{self.name}.{DOMAIN}",
            f"{self.name}.{DOMAIN}.",
            f"{self.name.upper()}.{DOMAIN}:{self.server.port}",
        )
        return spellings[0] if random.random() < 0.8 else random.choice(spellings)

    async def start(self, relay_port):
        self.relay_port = relay_port
        await self.relay.listen(relay_port)
        await self.start_target()
        await self.start_client()

    async def start_target(self):
        command = python("soak.target", self.label, self.target_port, self.faults_file)
        self.target = await self.processes.start(f"target-{self.label}", command)
        await wait_until_accepted(self.target_port, f"target {self.label}")

    async def start_client(self):
        command = [self.server.binary, "http", str(self.target_port), "--no-ui", "--log-format", "json", "--wait"]
        command += ["-t", f"{DOMAIN}:{self.relay_port}", "--auth-key-file", self.server.key_file]
        if self.asks_for_name:
            command += ["-s", self.name]
        self.client = await self.processes.start(f"client-{self.label}", command, self._client_said)

    def _client_said(self, line):
        entry = json.loads(line)
        match entry["type"]:
            case "online":
                name = entry["url"].removeprefix("http://").partition(".")[0]
                if self.name not in (None, name):
                    self.processes.on_fault(f"tunnel {self.label} came back as {name}, not {self.name}")
                self.name = name
            case "reconnecting":
                self.losses.append((time.monotonic(), entry["reason"]))

    async def wait_until_back(self, limit):
        """Seconds until a request is answered; infinite if none is within the limit and half as much again."""
        begun = time.monotonic()
        while time.monotonic() < begun + limit * 1.5:
            if await self.answers():
                return time.monotonic() - begun
            await asyncio.sleep(PROBE_INTERVAL)
        return float("inf")

    async def answers(self):
        if not self.name:
            return False
        writer = None
        try:
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port, limit=BUFFER)
                request = f"GET /{self.label}/answer/probe?status=204 HTTP/1.1\r\nHost: {self.host()}\r\n"
                writer.write(f"{request}Connection: close\r\n\r\n".encode())
                head = await read_head(reader)
                return head is not None and head.status == 204
        except (OSError, TimeoutError):
            return False
        finally:
            if writer:
                writer.close()

    async def open_connections_of_target(self):
        """Asked without the tunnel."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        writer.write(b"GET /state HTTP/1.1\r\n\r\n")
        await read_head(reader)
        count = int(await reader.readexactly(8))
        writer.close()
        return count

    def close(self):
        self.relay.close()


async def wait_until_accepted(port, name):
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            return


async def stop(process, number=signal.SIGTERM):
    """Asks, or does not ask; returns its exit status."""
    process.signal(number)
    return await process.ended()
