from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.processes import running_apart


@pytest.fixture(scope="package")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Platform, support and crm as processes of their own; their addresses."""
    with running_apart("platform", "support", "crm", log=tmp_path_factory.mktemp("apart")) as addresses:
        yield addresses


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    """Keeps cookies and follows redirects; like a browser it shares cookies among the ports of a host."""
    with requests.Session() as session:
        yield session


@pytest.fixture(autouse=True)
def _quick_passwords() -> None:
    """Not here: the processes hash as they do for real people."""
