"""Whose an address is: every home has 2^64 addresses of IPv6, and all of them are one visitor."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def network(address: str) -> str:
    """What limits by address count by: an IPv4 address as it is, of an IPv6 address the first 64 bits."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped) if found.ipv4_mapped else f"{IPv6Address(int(found) >> 64 << 64)}/64"


__all__ = ["network"]
