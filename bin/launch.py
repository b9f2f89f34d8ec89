"""What the Makefile asks for: `set-up` (with the tools of the tests) or `run` (set up and serve)."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from install import PYTHON, install
from steps import ROOT, VAR, Steps, fail

HOST = "127.0.0.1"
START_SECONDS = 30


def main(task: str) -> int:
    if task == "set-up":
        install(Steps(3), "dev")
        return 0
    port = free_port(os.environ.get("PORT", "8000"))
    steps = Steps(7)
    install(steps, "run")
    env = {**os.environ, **server_environment()}
    prepared = subprocess.run(
        [PYTHON, "-B", "bin/prepare.py", str(steps.done), str(steps.total)], cwd=ROOT, env=env
    )
    if prepared.returncode:
        return prepared.returncode
    steps.done += 3
    return serve(steps, port, env)


def free_port(text: str) -> int:
    """The port asked for; ends the program where it is no port or is taken."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        fail(f"PORT={text} is not a port", "Choose a number from 1024 to 65535: PORT=8080 make run")
    with socket.socket() as probe:
        # A port of a server that has just stopped is free; one that is listened to is not.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            fail(f"port {text} cannot be used ({error.strerror})", "Choose another one: PORT=8080 make run")
    return int(text)


def server_environment() -> dict[str, str]:
    """What plain http on the loopback address needs, where the caller has not decided otherwise."""
    return {
        "HTTPS": os.environ.get("HTTPS", "0"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or kept_secret(),
    }


def kept_secret() -> str:
    """The secret of this clone, made once and readable by its owner only."""
    path = VAR / "secret_key"
    if not path.exists():
        VAR.mkdir(exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


def server_command(port: int) -> list[str]:
    command = [str(PYTHON), "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--host", HOST, "--port", str(port)]
    return [*command, "--blocking-threads", "4", "--log-level", "warning", "cchc.wsgi:application"]


def serve(steps: Steps, port: int, env: dict[str, str]) -> int:
    """Runs granian until it is stopped, and says when it answers."""
    with steps.step("Server"):
        server = subprocess.Popen(server_command(port), cwd=ROOT, env=env)
        signal.signal(signal.SIGTERM, lambda number, frame: server.terminate())
        ready = wait_until_ready(server, port)
    if not ready:
        server.terminate()
        server.wait()
        fail("the server does not answer", "Its own messages stand above; LOG_LEVEL=DEBUG make run says more")
    print(f"Ready: http://{HOST}:{port}/  (Ctrl-C stops it)", flush=True)
    try:
        return server.wait()
    except KeyboardInterrupt:  # granian got it too and is closing down
        return server.wait()


def demo_accounts(port: int) -> str:
    """Who can log in, and with which password, where bin/prepare.py has kept demo accounts; else nothing."""
    kept = Path(os.environ.get("CCHC_VAR_DIR", VAR)) / "demo_password"
    given = os.environ.get("CCHC_DEMO_PASSWORD")
    if not given and not kept.exists():
        return ""
    password = "that of CCHC_DEMO_PASSWORD" if given else kept.read_text(encoding="utf-8")
    names = "nhaplieu lanhdao thamdinh congbo quantri xem"
    return f"Demo accounts at http://{HOST}:{port}/office/: {names}; password: {password}\n"


def wait_until_ready(server: subprocess.Popen[bytes], port: int) -> bool:
    """True at the first healthy answer; False when the server ended or did not answer in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    return False


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("stopped")
