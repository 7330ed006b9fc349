"""Certificates for servers of the world, and who trusts them."""

import ssl
from collections.abc import Sequence

import trustme

#: Nobody lives there; a certificate must be for somebody.
_NOBODY = "nobody.example"


def contexts(hosts: Sequence[str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's and the client's side of TLS for `hosts`."""
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert(*(hosts or [_NOBODY])).configure_cert(server)
    authority.configure_trust(client)
    return server, client
