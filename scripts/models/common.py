"""What every part of the model fetcher shares: errors, hashes, sizes in words.

Knows nothing of the registry, of packages or of any model.
"""

import hashlib
import os


class FetchError(Exception):
    """A failure that a person can act on: what failed, and what to do next."""

    def __init__(self, what, hint=""):
        super().__init__(what)
        self.hint = hint


def sha256_of(path):
    """The SHA-256 of a file, in hexadecimal, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def words_for(size):
    """A size in bytes as people write it: 1.1 GB, 92.4 MB, 23 kB."""
    for unit, scale, places in (("GB", 1e9, 1), ("MB", 1e6, 1), ("kB", 1e3, 0)):
        if size >= scale:
            return f"{size / scale:.{places}f} {unit}"
    return f"{size} B"


def stamp_of(path):
    """Size and modification time (ns): unchanged means not written since it was verified."""
    status = os.stat(path)
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
