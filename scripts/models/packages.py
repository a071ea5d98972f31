"""Fetches packages of the language registries as plain archives: never installed, never run.

Python packages come through ``pip download`` (wheels only: a wheel is a zip, whereas a source
package would run code of its own on the way), npm packages through ``npm pack``. One package a
call, so that an interrupted run goes on at the package where it stopped. Knows nothing of
what is in them.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

from common import FetchError

TRIES = 3


def _run(command, folder, what):
    """Runs a package client, tries again on failure, and shows its own last words if it gives up."""
    last = ""
    for _ in range(TRIES):
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        except OSError as error:
            raise FetchError(f"cannot start {command[0]}: {error}") from error
        if done.returncode == 0:
            return
        last = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-6:])
        if "No module named pip" in last:
            raise FetchError(f"{sys.executable} has no pip", "run scripts/setup, or install it (Debian: python3-pip)")
        if "No matching distribution" in last:
            break
    raise FetchError(
        f"{what} could not be fetched:\n  {last}",
        "check the network and the package client's own settings (index, proxy), then run the "
        "same command again: packages already fetched are kept",
    )


def _whole(path):
    """Whether an archive is complete: a download cut short has no valid directory or end."""
    if path.suffix == ".whl":
        return zipfile.is_zipfile(path)
    try:
        with tarfile.open(path) as archive:
            archive.getnames()
        return True
    except (tarfile.TarError, OSError, EOFError):
        return False


def _pip(spec, folder, source):
    name, version = spec.split("==")
    stem = re.sub(r"[-_.]+", "_", name).lower()

    def found():
        for path in folder.glob("*.whl"):
            if path.name.lower().startswith(f"{stem}-{version}-") and _whole(path):
                return path
        return None

    if path := found():
        return path
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    # Without a tag pip takes the wheel of the running interpreter, whose bytes may differ.
    if tag := source.get("wheel_platform"):
        command += ["--platform", tag, "--python-version", source["wheel_python"], "--implementation", "cp"]
    _run(command + ["--dest", str(folder), spec], folder, f"Python package {spec}")
    if path := found():
        return path
    raise FetchError(f"pip fetched {spec}, yet no wheel of that name lies in {folder}")


def _npm(spec, folder, _source):
    name, version = spec.split("==")
    path = folder / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    if path.exists() and _whole(path):
        return path
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError(
            f"npm is needed to fetch {name} and is not installed",
            "install it (Debian, Ubuntu, Fedora: package npm; Homebrew: node) and run this again",
        )
    _run([npm, "pack", "--silent", f"{name}@{version}"], folder, f"npm package {spec}")
    if path.exists() and _whole(path):
        return path
    raise FetchError(f"npm fetched {spec}, yet {path.name} does not lie in {folder}")


def fetch(source, folder, progress=lambda done, total: None):
    """Fetches all packages of a source into ``folder``; returns their ``Archive`` in order."""
    clients = {"pip": _pip, "npm": _npm}
    folder.mkdir(parents=True, exist_ok=True)
    archives = []
    specs = source["packages"]
    for done, spec in enumerate(specs):
        progress(done, len(specs))
        archives.append(Archive(clients[source["kind"]](spec, folder, source)))
    progress(len(specs), len(specs))
    return archives


class Archive:
    """A fetched package, read member by member; nothing is ever unpacked by its own path."""

    def __init__(self, path):
        self.path = Path(path)
        self._tar = None

    def _tar_members(self):
        """A tar has no directory and its gzip no way back: it is read once, whole."""
        if self._tar is None:
            with tarfile.open(self.path) as archive:
                files = (member for member in archive if member.isfile())
                self._tar = {member.name: archive.extractfile(member).read() for member in files}
        return self._tar

    def holds(self, member):
        """Whether the archive has a member of this name."""
        if self.path.suffix == ".whl":
            with zipfile.ZipFile(self.path) as archive:
                return member in archive.namelist()
        return member in self._tar_members()

    def copy(self, member, out):
        """Appends the bytes of one member to an open file."""
        try:
            if self.path.suffix == ".whl":
                with zipfile.ZipFile(self.path) as archive, archive.open(member) as file:
                    shutil.copyfileobj(file, out, 1 << 20)
            else:
                out.write(self._tar_members()[member])
        except KeyError:
            raise FetchError(f"package {self.path.name} holds no {member}") from None
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
            raise FetchError(
                f"package {self.path.name} is damaged: {error}", f"delete {self.path} and run this again"
            ) from error
