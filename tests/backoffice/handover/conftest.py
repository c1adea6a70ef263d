from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.conftest import connection_as
from tests.processes import running_apart

APPS = "trellis_support, trellis_support_app, trellis_crm, trellis_crm_app"


@pytest.fixture(scope="package")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Platform, support and crm as processes of their own, with no way into the platform's schema but its own; their
    addresses."""
    with connection_as(None) as superuser:
        superuser.execute(f"REVOKE USAGE ON SCHEMA platform FROM {APPS}")
    try:
        with running_apart("platform", "support", "crm", log=tmp_path_factory.mktemp("apart")) as addresses:
            yield addresses
    finally:
        with connection_as(None) as superuser:
            superuser.execute(f"GRANT USAGE ON SCHEMA platform TO {APPS}")


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    """Keeps cookies and follows redirects; like a browser it shares cookies among the ports of a host."""
    with requests.Session() as session:
        yield session


@pytest.fixture(autouse=True)
def _quick_passwords() -> None:
    """Not here: the processes hash as they do for real people."""
