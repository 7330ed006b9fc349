"""Certificates for servers of the world, signed by themselves, and who trusts them."""

import shutil
import ssl
import subprocess
from collections.abc import Iterable
from pathlib import Path


def contexts(folder: Path, hosts: Iterable[str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the server's and the client's side of TLS for `hosts`."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=world"]
    names = ",".join(f"DNS:{host}" for host in hosts)
    subprocess.run([*command, "-addext", f"subjectAltName={names}"], check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=certificate)
