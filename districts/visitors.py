"""Where does a request come from?"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# A household or a phone has a whole network of this size in IPv6, and a new address whenever it likes.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str | None:
    """Return the address a request came from, of IPv6 its network's; None where there is none.

    Behind a proxy the last one that it has added counts, never what the client says.
    """
    if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Forwarded-For")):
        return _network(forwarded.rpartition(",")[2].strip())
    address: str | None = request.META.get("REMOTE_ADDR")
    return _network(address) if address else None


def _network(address: str) -> str:
    """Return an IPv4 address as it is, an IPv6 address as the first one of its network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), IPV6_PREFIX), strict=False).network_address)
