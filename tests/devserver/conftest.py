"""Homes of embedded servers that end with their test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.devserver.services import Services


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for servers of the test's own."""
    home = tmp_path / "home"
    yield home
    Services(home).forget()


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for the servers of all tests of a module: making a database takes a second."""
    home = tmp_path_factory.mktemp("servers") / "home"
    yield home
    Services(home).forget()
