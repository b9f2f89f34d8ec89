"""A person of the office as a browser: logged in, with a sheet that takes evidence."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from tests.factories import OfficeYear
from tests.nginx_server import NAME, Nginx

from .load import Visitor

TOKEN = "f" * 32
BOUNDARY = "faults"


def cookie_of(office: OfficeYear, person: str) -> str:
    user = office.people[person]
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}; csrftoken={TOKEN}"


def pdf(size: int) -> bytes:
    head, tail = b"%PDF-1.4\n1 0 obj <<>> endobj\n", b"\ntrailer <<>>\n%%EOF"
    return head + b"%" * (size - len(head) - len(tail)) + tail


def upload(nginx: Nginx, office: OfficeYear, content: bytes) -> int:
    """Send a file of evidence as the reporter does; return the status of the answer."""
    address = reverse("office:evidence", args=[office.sheet.pk, office.leaves["1.2"].pk])
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    body = f'{part}"title"\r\n\r\nQuyết định\r\n{part}"file"; filename="a.pdf"\r\n'.encode()
    body += b"Content-Type: application/pdf\r\n\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Cookie": cookie_of(office, "reporter"),
        "X-CSRFToken": TOKEN,
        "Referer": f"https://{NAME}/office/",
    }
    return Visitor(nginx).ask("POST", address, body, headers)[0]
