"""Makes a domain, or takes it back, in a copy of the checkout; what differs then is brought over at once.

So nothing is ever half-written: whatever fails, fails in the copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.template import Context, Engine

from shared.startdomain.registration import REGISTRY, register, unregister
from shared.startdomain.words import Words

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = "-tpl"


class StartDomainError(RuntimeError):
    """A step in the copy failed, and nothing was changed; the message is what the step said."""


@dataclass(frozen=True)
class Changes:
    """What differs between a checkout and a copy of it: contents by path, and paths that are gone."""

    written: dict[str, bytes]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.gone)

    def bring_over(self, root: Path) -> None:
        """Write them to the checkout; if one cannot be written, what was written before is taken back."""
        paths = (*self.written, *self.gone)
        before = {name: (root / name).read_bytes() for name in paths if (root / name).exists()}
        try:
            _write(root, self.written, self.gone)
        except OSError:
            _write(root, before, tuple(name for name in paths if name not in before))
            raise


@contextmanager
def copy_of(root: Path) -> Iterator[Path]:
    """A copy of the checkout's files, those that git ignores left out; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="startdomain-") as folder:
        for name in listed(root):
            target = Path(folder) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)
        yield Path(folder)


def listed(root: Path) -> list[str]:
    """The checkout's files, by git."""
    if not (root / ".git").exists():
        raise StartDomainError(
            f"{root} is no git checkout: run `git init` and commit, so that there is a way back."
        )
    found = _run(root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return [name for name in found.split("\0") if name and (root / name).is_file()]


def differences(root: Path, copy: Path) -> Changes:
    """What has happened in the copy."""
    old = {name: (root / name).read_bytes() for name in listed(root)}
    new = {
        str(path.relative_to(copy)): path.read_bytes()
        for path in copy.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    written = {name: text for name, text in sorted(new.items()) if old.get(name) != text}
    return Changes(written, tuple(sorted(old.keys() - new.keys())))


def make(copy: Path, words: Words) -> None:
    """Write the domain into the copy: folders, registration, first migration, catalogue; all formatted."""
    engine, forms = Engine(), words.forms()
    for template in sorted(TEMPLATES.rglob(f"*{SUFFIX}")):
        name = str(template.relative_to(TEMPLATES)).removesuffix(SUFFIX)
        target = copy / name.replace("__app__", words.app).replace("__entity__", words.entity)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(engine.from_string(template.read_text()).render(Context(forms, autoescape=False)))
    register(copy, words)
    _manage(copy, "makemigrations", words.app, "--name", "initial", "--no-header")
    _format(copy, words.app, f"tests/{words.app}", REGISTRY)
    _manage(copy, "write_catalogue")


def unmake(copy: Path, words: Words) -> None:
    """Take the domain out of the copy."""
    shutil.rmtree(copy / words.app)
    shutil.rmtree(copy / "tests" / words.app)
    unregister(copy, words)
    _manage(copy, "write_catalogue")


def _manage(copy: Path, *command: str) -> None:
    _run(copy, sys.executable, "-B", "-W", "ignore", "manage.py", *command)


def _format(copy: Path, *names: str) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        raise StartDomainError("ruff, which formats what is written, is not installed: run `make dev` first.")
    _run(copy, str(ruff), "check", "--no-cache", "--select", "I", "--fix", "--quiet", *names)
    _run(copy, str(ruff), "format", "--no-cache", "--quiet", *names)


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=_environment())
    if done.returncode:
        said = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-12:])
        raise StartDomainError(f"`{' '.join(command)}` failed in a copy; nothing was changed.\n{said}")
    return done.stdout


def _environment() -> dict[str, str]:
    """The copy has no `.dev/env`: this process has read it already."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**inherited, "PYTHONDONTWRITEBYTECODE": "1"}


def _write(root: Path, contents: dict[str, bytes], gone: tuple[str, ...]) -> None:
    for name, text in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(text)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    for name in gone:
        if (root / name).is_file():
            (root / name).unlink()
    _remove_empty_folders(root, gone)


def _remove_empty_folders(root: Path, gone: tuple[str, ...]) -> None:
    """Folders in which nothing is left but compiled files."""
    folders = {parent for name in gone for parent in Path(name).parents if parent != Path()}
    for folder in sorted(folders, key=lambda path: -len(path.parts)):
        left = [path for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        if (root / folder).is_dir() and not left:
            shutil.rmtree(root / folder)
