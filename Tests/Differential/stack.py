"""The programs under test: a server, two tunnels, real proxies in front and real targets behind, all on loopback."""

import asyncio
import os
import shutil
import socket

NODE_TARGET = """
const http = require('http');
http.createServer((request, response) => {
  let body = '';
  request.on('data', piece => body += piece);
  request.on('end', () => {
    response.setHeader('Content-Type', 'text/plain');
    response.end('BANK ' + request.url + ' ' + body);
  });
}).listen(0, '127.0.0.1', function () { console.log('PORT ' + this.address().port) });
"""

PYTHON_TARGET = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode('latin1')
        answer = ('BANK ' + self.path + ' ' + body).encode('latin1')
        self.send_response(200)
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    do_GET = do_POST
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print('PORT', server.server_port, flush=True)
server.serve_forever()
"""

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream tpot {{ server 127.0.0.1:{server}; keepalive 4; }}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://tpot; proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      proxy_request_buffering off; proxy_buffering off; proxy_read_timeout 2s; proxy_next_upstream off;
    }}
  }}
}}
"""

HAPROXY = """
global
  maxconn 2000
defaults
  mode http
  timeout client 5s
  timeout server 2s
  timeout connect 2s
  http-reuse always
  retries 0
frontend visitors
  bind 127.0.0.1:{port}
  default_backend tpot
backend tpot
  server tpot 127.0.0.1:{server} pool-max-conn 4
"""

APACHE = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
LogLevel emerg
DefaultRuntimeDir {folder}
Mutex file:{folder}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule authz_core_module {modules}/mod_authz_core.so
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
Listen 127.0.0.1:{port}
ProxyPreserveHost On
ProxyPass / http://127.0.0.1:{server}/ max=4 timeout=2
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.processes = []
        self.tasks = []

    async def spawn(self, *command, wait_for=None):
        environment = {"HOME": self.folder, "PATH": os.environ["PATH"]}
        process = await asyncio.create_subprocess_exec(
            *command, cwd=self.folder, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=open(f"{self.folder}/{len(self.processes)}.err", "wb"), limit=1 << 22)
        self.processes.append(process)
        found = ""
        while wait_for:
            line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode("latin1")
            if not line:
                raise SystemExit(f"{command[0]} ended: " + open(f"{self.folder}/{len(self.processes) - 1}.err").read()[-2000:])
            if wait_for in line:
                found = line
                break
        self.tasks.append(asyncio.create_task(self.drain(process)))
        return found

    async def drain(self, process):
        while await process.stdout.read(1 << 16):
            pass

    async def listening(self, port):
        for _ in range(400):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.02)
        raise SystemExit(f"nothing listens on port {port}")

    async def start(self, evil_port, proxies):
        self.server = free_port()
        await self.spawn(self.binary, "server", "--domain", "localhost", "--bind", "127.0.0.1", "--port", str(self.server))
        await self.listening(self.server)
        node = shutil.which("node")
        command = (node, "-e", NODE_TARGET) if node else ("python3", "-c", PYTHON_TARGET)
        bank = (await self.spawn(*command, wait_for="PORT")).split()[1]
        shop = (await self.spawn("python3", "-c", PYTHON_TARGET, wait_for="PORT")).split()[1]
        for name, port in (("evil", evil_port), ("bank", bank), ("shop", shop)):
            await self.spawn(self.binary, "http", f"127.0.0.1:{port}", "-t", f"http://localhost:{self.server}", "-s", name,
                             "--no-ui", wait_for="http://")
        self.ports = {}
        for name in proxies:
            self.ports[name] = self.server if name == "none" else await self.start_proxy(name)
        return self.ports

    async def start_proxy(self, name):
        port = free_port()
        text = {"nginx": NGINX, "haproxy": HAPROXY, "apache": APACHE}[name]
        path = f"{self.folder}/{name}.conf"
        with open(path, "w") as file:
            file.write(text.format(folder=self.folder, port=port, server=self.server, modules="/usr/lib/apache2/modules"))
        command = {"nginx": ("nginx", "-c", path, "-p", self.folder), "haproxy": ("haproxy", "-f", path),
                   "apache": ("apache2", "-f", path, "-D", "FOREGROUND")}[name]
        program = shutil.which(command[0]) or f"/usr/sbin/{command[0]}"
        await self.spawn(program, *command[1:])
        await self.listening(port)
        return port

    async def stop(self):
        for process in reversed(self.processes):
            if process.returncode is None:
                process.terminate()
        for process in self.processes:
            try:
                await asyncio.wait_for(process.wait(), 8)
            except asyncio.TimeoutError:
                process.kill()
        for task in self.tasks:
            task.cancel()
