"""Which addresses are on the public internet, and which lead inside."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Final

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp", ".private")

_PRIVATE: Final = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
_CLOUD: Final = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("fd20:ce::254")})
"""Where clouds answer such questions over IPv6."""


def may_be_inside(text: str) -> bool:
    """Whether an address is private or this machine's own, and nothing that gives away a machine's keys.

    Link-local addresses are never: whoever reaches them asks the cloud as that machine.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address in _CLOUD or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_loopback or any(address in network for network in _PRIVATE if network.version == address.version)


def is_public(text: str) -> bool:
    """Whether an address is on the public internet, whichever way it is written."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in IPv6 clothes (mapped, 6to4, Teredo, NAT64) would lead inside by another name.
        if address.ipv4_mapped or address.sixtofour or address.teredo or address in _NAT64:
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def may_be_public(host: str) -> bool:
    """Whether a host says nothing of leading inside; of a name that is only seen when it is looked up."""
    name = host.strip("[]").lower().rstrip(".")
    if ":" in name:
        return is_public(name)
    with suppress(OSError):  # also 2130706433, 0x7f.1 and 127.1, which a resolver reads as addresses
        return is_public(socket.inet_ntoa(socket.inet_aton(name)))
    return "." in name and not name.endswith(_LOCAL_NAMES)
