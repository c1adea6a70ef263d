"""The lines that a domain needs outside of its own folders: what cannot be derived from the registry."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from shared.startdomain.words import Words

REGISTRY = "config/settings/domains.py"
IMPORT_RULES = "pyproject.toml"

_DECLARATION = (
    'Domain("{app}", app="{app}", schema="{schema}", title="{title}", reads=("platform",), api=("{app}",))'
)

_LISTS = {
    r'^root_packages = \[.*"': ', "{app}"',
    r'^containers = \[.*"': ', "{app}"',
    r'^layers = \["config", "[^"]+': " | {app}",
}
"""Import rules that name the apps: how the line begins up to the last app, and what comes after it."""

_ROWS = {
    "README.md": ("| *shared by all* |", "| [{app}]({app}/README.md) | {words} | `{schema}` | platform |\n"),
    "docs/where-things-live.md": ("| `tests/` |", "| `{app}/` | domain {app}: {words} |\n"),
    "docs/glossary.md": (
        "",
        "| {word} | `{Entity}`, `{schema}.{plural}` | {A_word} of {app}: title, description, active or archived. |\n",
    ),
}
"""Page → the line that the new row comes before (none: the end), and the row."""


class PlaceMissingError(RuntimeError):
    """A file has no place where a domain is named, or names it differently; the message says which."""


def register(tree: Path, words: Words) -> None:
    """Name the domain in every file that has to, below ``tree``."""
    forms = words.forms()
    _change(tree / REGISTRY, partial(_declare, call=_DECLARATION.format(**forms)))
    for line, added in _LISTS.items():
        _change(tree / IMPORT_RULES, partial(_append, line=line, added=added.format(**forms)))
    for page, (before, row) in _ROWS.items():
        _change(tree / page, partial(_insert, before=before, row=row.format(**forms)))


def unregister(tree: Path, words: Words) -> None:
    """Take the domain's lines out again."""
    forms = words.forms()
    _change(tree / REGISTRY, partial(_retract, name=words.app))
    for line, added in _LISTS.items():
        _change(tree / IMPORT_RULES, partial(_cut, line=line, added=added.format(**forms)))
    for page, (_, row) in _ROWS.items():
        _change(tree / page, partial(_take_out, row=row.format(**forms)))


def _change(path: Path, change: Callable[[str], str | None]) -> None:
    changed = change(path.read_text())
    if changed is None:
        raise PlaceMissingError(
            f"{path.name} does not name the domains as shared/startdomain/registration.py expects: "
            "mend one or the other. Nothing was changed."
        )
    path.write_text(changed)


def _declare(text: str, *, call: str) -> str | None:
    apps = _declared_apps(text)
    if apps is None or apps.end_lineno is None:
        return None
    lines = text.splitlines(keepends=True)
    lines.insert(apps.end_lineno - 1, f"    {call},\n")
    return "".join(lines)


def _retract(text: str, *, name: str) -> str | None:
    apps = _declared_apps(text)
    for call in apps.elts if apps is not None else ():
        if isinstance(call, ast.Call) and ast.literal_eval(call.args[0]) == name:
            lines = text.splitlines(keepends=True)
            del lines[call.lineno - 1 : call.end_lineno]
            return "".join(lines)
    return None


def _declared_apps(text: str) -> ast.Tuple | None:
    """The tuple ``APPS`` of the registry."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "APPS":
            return node.value if isinstance(node.value, ast.Tuple) else None
    return None


def _append(text: str, *, line: str, added: str) -> str | None:
    found = re.search(line, text, re.MULTILINE)
    return None if found is None else text[: found.end()] + added + text[found.end() :]


def _cut(text: str, *, line: str, added: str) -> str | None:
    found = re.search(line, text, re.MULTILINE)
    if found is None or added not in found[0]:
        return None
    return text[: found.start()] + found[0].replace(added, "", 1) + text[found.end() :]


def _insert(text: str, *, before: str, row: str) -> str | None:
    if not before:
        return text + row
    place = text.find(f"\n{before}")
    return None if place < 0 else text[: place + 1] + row + text[place + 1 :]


def _take_out(text: str, *, row: str) -> str | None:
    return text.replace(row, "", 1) if row in text else None
