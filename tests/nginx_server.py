"""Debian's nginx on deploy/nginx.conf: only addresses, folders and the certificate are filled in."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .clusters import free_port

CONFIGURATION = Path(__file__).parent.parent / "deploy" / "nginx.conf"
NAME = "cchc.example.vn"
START_SECONDS = 30
MAIN = """
{account}
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    gzip on;  # as Debian's
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/cchc.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    folder: Path
    http: int
    https: int

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "cert.pem")

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [program(), "-p", str(self.folder), "-c", str(self.folder / "main.conf"), *options]
        return subprocess.run(command, capture_output=True, text=True)

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.https), 1).close()
        except OSError:
            return False
        return True


def program() -> str:
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if not found:
        pytest.fail("nginx is not installed (Debian, Ubuntu: apt install nginx)")
    return found


def make_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now - dt.timedelta(days=400)).not_valid_after(now + dt.timedelta(days=400))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    signed = built.sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def filled_in(folder: Path, static: Path, applications: Sequence[int], http: int, https: int) -> str:
    """Return deploy/nginx.conf with the places of this machine; each of them must be found in it."""
    text = CONFIGURATION.read_text()
    ports = dict(zip(("127.0.0.1:8001", "127.0.0.1:8002"), applications, strict=True))
    places = {
        "/var/cache/cchc": f"{folder}/cache",
        "/etc/ssl/cchc/fullchain.pem": f"{folder}/cert.pem",
        "/etc/ssl/cchc/privkey.pem": f"{folder}/key.pem",
        "/var/lib/cchc/static/": f"{static}/",
        "listen 80": f"listen 127.0.0.1:{http}",
        "listen 443": f"listen 127.0.0.1:{https}",
        **{place: f"127.0.0.1:{port}" for place, port in ports.items()},
    }
    lines = [line for line in text.splitlines() if "listen [::]" not in line]
    text = "\n".join(lines)
    for place, own in places.items():
        assert place in text, place
        text = text.replace(place, own)
    return text


@contextmanager
def nginx_server(folder: Path, static: Path, applications: Sequence[int]) -> Iterator[Nginx]:
    """Runs nginx in front of two applications and stops it at the end."""
    server = Nginx(folder, free_port(), free_port())
    # Temporary folders of tests are root's own; nginx's usual account could not enter them.
    account = "user root;" if os.geteuid() == 0 else ""
    make_certificate(folder)
    (folder / "main.conf").write_text(MAIN.format(folder=folder, account=account))
    (folder / "cchc.conf").write_text(filled_in(folder, static, applications, server.http, server.https))
    checked = server.run("-t")
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(
        [program(), "-p", str(folder), "-c", str(folder / "main.conf"), "-g", "daemon off;"]
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.answers():
            assert process.poll() is None and time.monotonic() < deadline, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait(30)
