"""Servers to measure, how many answers they give in a second, and what an answer costs all their processes."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clusters import free_port
from tests.nginx_server import program

ROOT = Path(__file__).resolve().parents[2]
HOST = "localhost"
WAIT_SECONDS = 60
CONNECTIONS, SECONDS = 16, 4
TICKS = os.sysconf("SC_CLK_TCK")
STATIC = """
{account}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    access_log off;
    default_type text/html;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    open_file_cache max=100;
    sendfile on; tcp_nopush on; keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port}; root {folder}/www; gzip_static always; }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the processes that work for its answers (with their children)."""

    port: int
    processes: tuple[int, ...]

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", path, headers={"Host": HOST, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        return sum(map(_ticks, _families(self.processes))) / TICKS


def _families(roots: Sequence[int]) -> set[int]:
    """Return the processes and all their descendants."""
    found, open_ones = set(), list(roots)
    while open_ones:
        pid = open_ones.pop()
        found.add(pid)
        try:
            threads = list(Path(f"/proc/{pid}/task").iterdir())
            for thread in threads:
                open_ones += map(int, (thread / "children").read_text().split())
        except FileNotFoundError:
            continue
    return found


def _ticks(pid: int) -> int:
    """Return user and system time of a process and of its children that have ended."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, after_name[11:15]))


def cpu_per_answer(server: Server, path: str, count: int, sent: bytes | None = None, **headers: str) -> float:
    """Return CPU seconds of all the server's processes per answer, one visitor asking on one connection.

    What is `sent` is a query as JSON, for a server that wants it so.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    asked = {"Host": HOST, **headers}
    method = "GET"
    if sent is not None:
        method, asked["Content-Type"] = "POST", "application/json"

    def ask(times: int) -> None:
        for _ in range(times):
            connection.request(method, path, body=sent, headers=asked)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != http.HTTPStatus.OK or not body:
                raise SystemExit(f"{path} of port {server.port} answered {answer.status}")

    ask(5)
    before = server.cpu_seconds()
    ask(count)
    return (server.cpu_seconds() - before) / count


def answers_per_second(address: str, headers: Mapping[str, str], seconds: int = SECONDS) -> float:
    """Return what wrk counts with 16 connections; ends the program where an answer is no success."""
    options = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", *options, address]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if not found or "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"wrk on {address}: {output}")
    return float(found[1])


def paired(ours: Callable[[], float], reference: Callable[[], float], rounds: int = 5) -> tuple[float, float]:
    """Return the medians of two measurements taken in turn."""
    pairs = sorted(((ours(), reference()) for _ in range(rounds)), key=lambda pair: pair[0] / pair[1])
    return pairs[rounds // 2]


@contextmanager
def granian(
    environment: Mapping[str, str],
    log: Path,
    beside: Sequence[int],
    workers: int = 2,
    threads: int = 2,
    application: str = "cchc.wsgi:application",
) -> Iterator[Server]:
    """Run the application as deploy/ does; `beside` are processes that work for it too, as the database does."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)]
    command += ["--log-level", "warning", application]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
    with stopped_at_the_end(process):
        server = Server(port, (process.pid, *beside))
        until_answers(server, "/healthz", process)
        yield server


@contextmanager
def static_nginx(folder: Path, files: Mapping[str, bytes]) -> Iterator[Server]:
    """Run nginx on gzip files, each given by its path: what a static file costs on this machine."""
    port = free_port()
    for path, content in files.items():
        place = folder / "www" / f"{path.strip('/')}.gz"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    account = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(STATIC.format(folder=folder, port=port, account=account))
    process = subprocess.Popen([program(), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    with stopped_at_the_end(process):
        server = Server(port, (process.pid,))
        until_answers(server, f"/{next(iter(files)).strip('/')}", process)
        yield server


@contextmanager
def datasette(program_: Path, database: Path, log: Path) -> Iterator[Server]:
    port = free_port()
    command = [str(program_), "serve", str(database), "-p", str(port), "--setting", "num_sql_threads", "1"]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    with stopped_at_the_end(process):
        server = Server(port, (process.pid,))
        until_answers(server, "/-/versions.json", process)
        yield server


@contextmanager
def stopped_at_the_end(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def until_answers(server: Server, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the server on port {server.port} did not start")
        try:
            if server.get(path)[0] == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        time.sleep(0.1)


def required(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise SystemExit(f"{name} is missing (Debian, Ubuntu: apt install {name})")
    return found
