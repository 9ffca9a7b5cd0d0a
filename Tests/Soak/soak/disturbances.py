"""What goes wrong in a run, and how fast it has to be right again."""

import asyncio
import contextlib
import signal
import time

from .tunnels import stop
from .visits import Exchange, Visit

# Limits for being back, in seconds. A machine that does other things needs longer than it takes: usually some tenths.
TARGET_BACK = 5
# The proof of the key, then the first greeting.
CLIENT_BACK = 15
# The server keeps the name of a client that vanished for 10 s; only then another process gets it.
KILLED_CLIENT_BACK = CLIENT_BACK + 10
# Clients try after 0.5 s, 1 s, 2 s, … spread by a quarter; tunnels that were lost a moment ago wait longer.
LINK_BACK = 15
SERVER_BACK = 25
# A peer that says nothing is gone after 30 s: that is the promise. The rest is the timers' and the machine's.
DEAD_LINK_NOTICED = 33
DEAD_LINK_BACK = 45
# What a stop leaves answers under way.
STOP_GRACE = 5


class Disturber:
    def __init__(self, soak):
        self.soak = soak
        self.ledger = soak.ledger
        self.random = soak.random
        self.actions = [self.target_restart, self.client_stop, self.client_kill, self.link_cut, self.link_stall]

    async def all_and_server(self, until):
        """Disturbs everything until then; the server once at least."""
        await self.server_restart()
        await self.pause()
        await self._disturb(until, [], [*self.actions, self.server_restart])

    async def all_but_server(self, until):
        """Disturbs the rest until then, each in every way once at least."""
        # It takes half a minute, beside the others.
        dead = asyncio.create_task(self.link_deaths(until))
        try:
            await self._disturb(until, self._shuffled(self.actions), self.actions)
            await dead
        finally:
            dead.cancel()

    async def _disturb(self, until, first, actions):
        """First those that have to be, then others as long as there is time; all equally often."""
        for action in first:
            await action()
            await self.pause()
        bag = []
        while time.monotonic() < until:
            bag = bag or self._shuffled(actions)
            await bag.pop()()
            await self.pause()

    def _shuffled(self, actions):
        return self.random.sample(actions, len(actions))

    async def pause(self):
        await asyncio.sleep(self.random.uniform(0.5, self.soak.longest_pause))

    async def link_deaths(self, until):
        await self.link_death()
        while time.monotonic() + DEAD_LINK_BACK < until:
            await asyncio.sleep(self.random.uniform(0, DEAD_LINK_BACK))
            await self.link_death()

    @contextlib.asynccontextmanager
    async def some_tunnel(self, tunnels):
        """One that nothing else disturbs."""
        free = [tunnel for tunnel in tunnels if not tunnel.lock.locked()] or tunnels
        async with (tunnel := self.random.choice(free)).lock:
            yield tunnel

    async def back(self, disturbance, tunnel, limit, since=None):
        """Waits until the tunnel answers again."""
        late = time.monotonic() - since if since else 0
        seconds = late + await tunnel.wait_until_back(limit)
        self.ledger.recovered(disturbance, seconds, limit)
        self.ledger.say(f"{disturbance.what}, {tunnel.label}: back after {seconds:.2f} s")

    async def target_restart(self):
        async with self.some_tunnel(self.soak.tunnels) as tunnel:
            number = self.random.choice((signal.SIGTERM, signal.SIGKILL))
            disturbance = self.ledger.disturb("target restarted", [tunnel.label])
            await stop(tunnel.target, number)
            await asyncio.sleep(self.random.uniform(0, 1.5))
            await tunnel.start_target()
            await self.back(disturbance, tunnel, TARGET_BACK)

    async def client_stop(self):
        async with self.some_tunnel(self.soak.short_lived) as tunnel:
            answer = await self.answer_under_way(tunnel)
            disturbance = self.ledger.disturb("client stopped and started", [tunnel.label])
            begun = time.monotonic()
            status = await stop(tunnel.client)
            if status != 0:
                self.ledger.fault(f"client {tunnel.label} ends with {status} when it is asked to stop")
            self.ledger.say(f"client {tunnel.label} has stopped after {time.monotonic() - begun:.2f} s")
            await self.expect(answer, f"at the stop of client {tunnel.label}")
            await tunnel.start_client()
            await self.back(disturbance, tunnel, CLIENT_BACK)

    async def client_kill(self):
        async with self.some_tunnel(self.soak.short_lived) as tunnel:
            disturbance = self.ledger.disturb("client killed and started", [tunnel.label])
            await stop(tunnel.client, signal.SIGKILL)
            await tunnel.start_client()
            await self.back(disturbance, tunnel, KILLED_CLIENT_BACK)

    async def link_cut(self):
        async with self.some_tunnel(self.soak.tunnels) as tunnel:
            disturbance = self.ledger.disturb("link cut", [tunnel.label])
            tunnel.relay.cut(with_reset=self.random.random() < 0.5)
            await self.back(disturbance, tunnel, LINK_BACK)

    async def link_stall(self):
        """Nothing passes for a while, and nothing may be lost: there is no excuse for it."""
        async with self.some_tunnel(self.soak.tunnels) as tunnel:
            seconds = self.random.uniform(2, 8)
            frozen = tunnel.relay.freeze()
            await asyncio.sleep(seconds)
            tunnel.relay.thaw(frozen)
            back = await tunnel.wait_until_back(TARGET_BACK)
            self.ledger.note_recovery("link stalled", back, TARGET_BACK)
            self.ledger.say(f"link of {tunnel.label} stalled for {seconds:.1f} s: back {back:.2f} s later")

    async def link_death(self):
        async with self.some_tunnel(self.soak.tunnels) as tunnel:
            self.ledger.say(f"link of {tunnel.label} goes dead")
            disturbance = self.ledger.disturb("link dead", [tunnel.label])
            begun = time.monotonic()
            tunnel.losses.clear()
            frozen = tunnel.relay.freeze()
            # Requests are answered when both sides have noticed, and the client has its name again.
            await self.back(disturbance, tunnel, DEAD_LINK_BACK)
            noticed = tunnel.losses[0][0] - begun if tunnel.losses else float("inf")
            self.ledger.note_recovery("(dead link noticed by client)", noticed, DEAD_LINK_NOTICED)
            for link in frozen:
                link.end(with_reset=True)

    async def server_restart(self, number=None):
        number = number or self.random.choice((signal.SIGTERM, signal.SIGKILL))
        name = signal.Signals(number).name
        async with contextlib.AsyncExitStack() as stack:
            for tunnel in self.soak.tunnels:
                await stack.enter_async_context(tunnel.lock)
            answers = [await self.answer_under_way(tunnel) for tunnel in self.soak.tunnels]
            labels = [tunnel.label for tunnel in self.soak.tunnels]
            disturbances = [
                self.ledger.disturb(f"server restarted ({name})", [label]) for label in [*labels, "server"]
            ]
            begun = time.monotonic()
            status = await stop(self.soak.server.process, number)
            if number == signal.SIGTERM:
                if status != 0:
                    self.ledger.fault(f"the server ends with {status} when it is asked to stop")
                self.ledger.say(f"the server has stopped after {time.monotonic() - begun:.2f} s")
            for answer in answers:
                if number == signal.SIGTERM:
                    await self.expect(answer, "at the stop of the server")
                else:
                    await asyncio.gather(answer, return_exceptions=True)
            await asyncio.sleep(self.random.uniform(0, 1.5))
            await self.soak.server.start()
            disturbances[-1].end = time.monotonic()
            listening = time.monotonic()
            for disturbance, tunnel in zip(disturbances, self.soak.tunnels):
                await self.back(disturbance, tunnel, SERVER_BACK, since=listening)

    async def answer_under_way(self, tunnel):
        """A task: a request whose target has it, and answers within what a stop leaves it."""
        visit = Visit(self.soak, f"{tunnel.label}{time.monotonic():.0f}", "under way", tunnel)
        streams = await visit.connect()
        exchange = Exchange(visit, tunnel, length=100_000, delay=1000 * STOP_GRACE // 3)
        await visit.send(exchange, streams[1])

        async def receive():
            try:
                await visit.receive(exchange, streams[0])
                visit.note()
            finally:
                visit.close()

        task = asyncio.create_task(receive())
        # Until the target has it.
        await asyncio.sleep(0.5)
        return task

    async def expect(self, answer, when):
        try:
            await answer
        except Exception as error:
            self.ledger.fault(f"an answer under way {when} was cut: {type(error).__name__} {error}")
