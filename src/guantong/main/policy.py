"""What browsers are told about every page and stream: from where it may load, and what it may do.

No inline script and no inline style, neither in a page nor added later: what a page looks like
stands in files of ours. Everything else is closed, and opened by name.
"""

import os
from urllib.parse import urlsplit

from guantong.main.errors import BadAddress

# OWASP Secure Headers Project: what no page of ours needs is switched off.
PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip

# One year; the subdomains of a bureau's domain are not ours to decide about.
HSTS_SECONDS = 365 * 24 * 3600

# A stream is data: nothing of it may ever be shown as a page.
STREAM_POLICY = "default-src 'none'; frame-ancestors 'none'"


def gateway_address() -> str:
    """Return the address under which browsers reach the gateway, where a proxy gives it one."""
    text = (os.environ.get("GUANTONG_GATEWAY_URL") or "").rstrip("/")
    if not text:
        return ""
    parts = urlsplit(text)
    plain = not (parts.query or parts.fragment or parts.username or "'" in text or ";" in text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
        raise BadAddress(name="GUANTONG_GATEWAY_URL", value=text[:80])
    return text


def origin(address: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def page_hosts(allowed: list[str]) -> list[str]:
    """Return the hosts by which people ask for pages, as a policy can name them.

    A policy knows no IPv6 address (CSP 3, 2.3.1 host-source); a wildcard would open all.
    """
    return [host for host in allowed if host != "testserver" and not set(host) & set("*[")]


def content_policy(
    hosts: list[str], *, gateway: str, port: int, tls: bool, issuer: str = ""
) -> dict[str, list[str]]:
    """Return the directives of the content security policy of pages."""
    scheme = "https" if tls else "http"
    streams = [origin(gateway)] if gateway else [f"{scheme}://{host}:{port}" for host in hosts]
    return {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *streams],
        "manifest-src": ["'self'"],
        # Signing out is a form, and its answer leads to the outside provider.
        "form-action": ["'self'", *([origin(issuer)] if issuer else [])],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
