"""A file's content replaced in one step: whoever reads meanwhile sees the old or the new, and a crash leaves one of them."""

import os
from contextlib import suppress
from pathlib import Path

from aggregator.domain.errors import FeedsFileError


def replace_file(target: Path, content: bytes) -> None:
    """Put `content` in the place of `target` in one step, with its mode and owner.

    Raises:
        FeedsFileError: it cannot be written.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        try:
            _write(beside, content, like=target)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise FeedsFileError(f"{target} cannot be written: {error.strerror}") from error


def _write(path: Path, content: bytes, *, like: Path) -> None:
    with path.open("wb") as file:
        with suppress(FileNotFoundError):
            status = like.stat()
            # Only root may give files away; the group of a file that several people edit can be kept by each of them.
            with suppress(PermissionError):
                os.fchown(file.fileno(), -1, status.st_gid)
            with suppress(PermissionError):
                os.fchown(file.fileno(), status.st_uid, -1)
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
