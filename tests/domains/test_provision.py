"""A server that cannot be prepared is told in one sentence."""

from __future__ import annotations

import pytest

from shared.domains.provision import ProvisionError, prepare_database


def test_an_unreachable_server_is_told_by_what_happened() -> None:
    with pytest.raises(ProvisionError) as refused:
        prepare_database("postgresql://nobody@127.0.0.1:1/trellis", seed="x")
    said = str(refused.value)
    assert "port 1 failed: Connection refused" in said
    assert "\n" not in said
    assert "Is the server running" not in said
    assert said.endswith("start it or correct DATABASE_URL.")
