"""`seed_demo`: a second run changes nothing and keeps every password and key working."""

from __future__ import annotations

import json
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from platform_core.models import Membership, User
from shared.session import acting
from shared.tenancy.keys import find_identity
from shared.tenancy.lookup import find_tenant_by_hostname


def seed(path: Path) -> dict[str, dict[str, str]]:
    call_command("seed_demo", write_access=path, stdout=StringIO())
    return dict(json.loads(path.read_text()))


def works(access: dict[str, dict[str, str]]) -> bool:
    with acting(domain="platform", organization=None):
        for part in ("admin", "agent"):
            user = User.objects.get(email=access[part]["email"])
            if not user.check_password(access[part]["password"]):
                return False
    return all(
        find_identity(raw) for raw in (*access["api_keys"].values(), access["other_tenant"]["api_key"])
    )


def test_the_demo_is_made_once(db: None, tmp_path: Path) -> None:
    path = tmp_path / "new" / "access.json"
    first = seed(path)
    assert works(first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(json.dumps({**first, "base_url": "http://localhost:8000"}))
    assert seed(path) == {**first, "base_url": "http://localhost:8000"}
    north = find_tenant_by_hostname("northwind.localhost")
    cedar = find_tenant_by_hostname("cedar.localhost")
    assert north is not None
    assert cedar is not None
    for tenant, people in ((north, 2), (cedar, 1)):
        with acting(domain="platform", organization=tenant.id):
            assert Membership.objects.count() == people
    identity = find_identity(first["api_keys"]["support"])
    assert identity is not None
    assert (identity.organization_id, identity.scopes) == (north.id, {"support:read", "support:write"})
    other = find_identity(first["other_tenant"]["api_key"])
    assert other is not None
    assert other.organization_id == cedar.id


def test_what_was_lost_is_made_again(db: None, tmp_path: Path) -> None:
    path = tmp_path / "access.json"
    first = seed(path)
    kept = first["api_keys"].pop("crm")
    path.write_text(json.dumps(first))
    second = seed(path)
    assert works(second)
    assert find_identity(kept) is None, "a key that nobody has is revoked"
    assert second["api_keys"]["support"] == first["api_keys"]["support"]
    path.write_text("{half")
    assert works(seed(path))


def test_commands_make_tenants_and_keys(db: None) -> None:
    call_command("create_tenant", "Blue Yonder", "--hostname", "blue.example.com", stdout=StringIO())
    assert find_tenant_by_hostname("blue.example.com") is not None
    with pytest.raises(CommandError, match="is taken"):
        call_command("create_tenant", "Blue Yonder", stdout=StringIO())
