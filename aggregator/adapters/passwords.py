"""Passwords as they are kept: by argon2id, so that whoever reads the file has to try each for itself (RFC 9106)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: The RFC's second recommendation: 64 MiB, three passes, four lanes; some .2 s of CPU.
_PASSES, _KIBIBYTES, _LANES = 3, 65_536, 4
#: A hash that takes as long as any other and that nothing fits: what it was made of was thrown away.
NONE_FITS = "$argon2id$v=19$m=65536,t=3,p=4$q100tdPVih2ZSWcijyKj5Q$dwE33toWXe0cLgphTRn/acAC8Ja9PxmTBXE0ucbWhbU"


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return PasswordHasher(_PASSES, _KIBIBYTES, _LANES).hash(_bytes(password))


def fits(kept: str, password: str) -> bool:
    """Tell whether a password is the one that was kept; takes as long where none was, or where it cannot be read."""
    try:
        return PasswordHasher().verify(kept or NONE_FITS, _bytes(password))
    except VerificationError:
        return False
    except InvalidHashError:
        return fits(NONE_FITS, password)


def _bytes(password: str) -> bytes:
    # Keyboards and systems write letters with accents in two ways.
    return unicodedata.normalize("NFC", password).encode(errors="replace")
