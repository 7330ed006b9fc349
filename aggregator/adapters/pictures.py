"""Pictures on disk: bounded in size and age, the oldest go first. Failures are remembered for some hours, as empty files."""

import hashlib
import os
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

#: Bytes of all together: some thousand pictures.
MOST_BYTES = 200_000_000
#: Stories are looked at for days; a picture that is asked for later is fetched again.
MOST_AGE = timedelta(days=30)
#: What failed is not asked for again before.
FAILED_AGE = timedelta(hours=6)


class PictureCache:
    """Pictures by the addresses that they came from; for any thread."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def read(self, url: str) -> bytes | None:
        """Return a picture, nothing (b"") where it could not be had lately, None where it is not known."""
        place = self._place(url)
        try:
            body = place.read_bytes()
            age = timedelta(seconds=time.time() - place.stat().st_mtime)
        except OSError:
            return None
        return body if age < (MOST_AGE if body else FAILED_AGE) else None

    def keep(self, url: str, body: bytes) -> None:
        """Keep a picture, or with b"" that it could not be had; a disk that takes none costs no more than the picture."""
        place = self._place(url)
        beside = place.with_name(f"{place.name}.{os.getpid()}.new")
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(body)
            beside.replace(place)
            self._evict()

    def _evict(self) -> None:
        """Remove what is too old, then the oldest until the rest is within bounds."""
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                # Another thread may be quicker.
                with suppress(FileNotFoundError):
                    status = entry.stat()
                    found.append((status.st_mtime, status.st_size, entry.path))
        left = sum(size for _, size, _ in found)
        oldest = time.time() - MOST_AGE.total_seconds()
        for at, size, path in sorted(found):
            if left <= self._most_bytes and at >= oldest:
                return
            with suppress(FileNotFoundError):
                Path(path).unlink()
            left -= size

    def _place(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()
