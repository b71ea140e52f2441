"""Certificates and servers of TLS, for tests."""

import asyncio
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from topics.broker.machine import choose_port

NOW: Final = time.time()


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def between(days: tuple[float, float]) -> tuple[str, ...]:
    """Valid from so many days after now until so many."""
    first, last = (datetime.fromtimestamp(NOW, UTC) + timedelta(days=one) for one in days)
    return ("-startdate", f"{first:%Y%m%d%H%M%SZ}", "-enddate", f"{last:%Y%m%d%H%M%SZ}")


class Authority:
    """A CA in a folder of its own, and the certificates of servers that it makes."""

    def __init__(self, folder: Path, *, ends: float = 900) -> None:
        folder.mkdir()
        self._folder = folder
        self.file = folder / "ca.pem"
        for name in ("index.txt", "index.txt.attr"):
            (folder / name).touch()
        (folder / "serial").write_text("01\n")
        (folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nserial = serial\nnew_certs_dir = .\n"
            "default_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n"
            "[authority]\nbasicConstraints = critical, CA:true\n[server]\nbasicConstraints = CA:false\nsubjectAltName = DNS:kafka\n"
        )
        self._request("ca")
        self._sign("ca", (-900, ends), "authority", "-selfsign", "-keyfile", "ca.key")

    def server(self, *, ends: float) -> Path:
        """Key and certificate of a server."""
        self._request("server")
        self._sign("server", (-800, ends), "server", "-cert", "ca.pem", "-keyfile", "ca.key")
        path = self._folder / f"server-{ends}.pem"
        path.write_bytes((self._folder / "server.key").read_bytes() + (self._folder / "server.pem").read_bytes())
        return path

    def _request(self, name: str) -> None:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        openssl(
            self._folder,
            "req",
            *curve,
            "-nodes",
            "-subj",
            f"/CN={name} {self._folder.name}",
            "-keyout",
            f"{name}.key",
            "-out",
            "csr",
        )

    def _sign(self, name: str, days: tuple[float, float], extensions: str, *how: str) -> None:
        fixed = ("-config", "ca.cnf", "-batch", "-notext", "-extensions", extensions, "-in", "csr")
        openssl(self._folder, "ca", *fixed, "-out", f"{name}.pem", *between(days), *how)


@asynccontextmanager
async def listening(certificate: Path, port: int | None = None) -> AsyncIterator[int]:
    """A server with that certificate, and its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def closed(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    port = port or choose_port(())
    server = await asyncio.start_server(closed, "127.0.0.1", port, ssl=context)
    async with server:
        yield port
