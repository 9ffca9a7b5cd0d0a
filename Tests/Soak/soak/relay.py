"""The network between client and server, which can be cut and can go dead."""

import asyncio
import socket
import struct

RESET = struct.pack("ii", 1, 0)


class Link:
    """One connection and its two pumps."""

    def __init__(self, near, far):
        self.writers = [near, far]
        self.flows = asyncio.Event()
        self.flows.set()

    def end(self, with_reset):
        self.flows.set()
        for writer in self.writers:
            if writer.is_closing():
                continue
            if with_reset:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()
            else:
                writer.close()


class Relay:
    def __init__(self, server_port):
        self.server_port = server_port
        self.links = set()
        self.server = None

    async def listen(self, port):
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", port)

    def close(self):
        self.server.close()
        self.cut(with_reset=True)

    def cut(self, with_reset):
        for link in list(self.links):
            link.end(with_reset)

    def freeze(self):
        """Stops forwarding on the connections that are open, and tells nobody. New ones work."""
        frozen = list(self.links)
        for link in frozen:
            link.flows.clear()
        return frozen

    @staticmethod
    def thaw(frozen):
        for link in frozen:
            link.flows.set()

    async def _accept(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, far_writer)
        self.links.add(link)
        try:
            await asyncio.gather(self._pump(reader, far_writer, link), self._pump(far_reader, writer, link))
        except OSError:
            # What ends with a reset on one side ends with one on the other.
            link.end(with_reset=True)
        finally:
            self.links.discard(link)
            link.end(with_reset=False)

    @staticmethod
    async def _pump(reader, writer, link):
        while data := await reader.read(64 * 1024):
            await link.flows.wait()
            if writer.is_closing():
                return
            writer.write(data)
            await writer.drain()
        await link.flows.wait()
        if not writer.is_closing():
            writer.write_eof()
