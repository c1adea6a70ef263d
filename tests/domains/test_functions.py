"""Look-ups see every tenant: the bare logins call them, and nobody who has taken on a role."""

from __future__ import annotations

import psycopg
import pytest

from shared.domains.registry import MIGRATION_LOGIN, WORKER_LOGIN, domains
from shared.domains.roles import logins
from tests.conftest import connection_as

LOOKUPS = {
    "shared.find_identity_by_key": "SELECT count(*) FROM shared.find_identity_by_key(decode('00', 'hex'))",
    "shared.find_tenant_by_hostname": "SELECT count(*) FROM shared.find_tenant_by_hostname('nowhere.example')",
    "platform.find_session": "SELECT count(*) FROM platform.find_session('nobody')",
    "platform.find_ended_memberships": "SELECT count(*) FROM platform.find_ended_memberships('nobody')",
}
ROLES = [
    (login.name, role) for login in logins() for role in login.may_become if login.name != MIGRATION_LOGIN
]


@pytest.mark.parametrize("login", [login.name for login in logins() if login.name != MIGRATION_LOGIN])
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_login_that_has_no_role_yet_looks_up(lookup: str, login: str) -> None:
    with connection_as(login) as connection:
        assert connection.execute(LOOKUPS[lookup]).fetchone() == (0,)


@pytest.mark.parametrize(("login", "role"), ROLES, ids=lambda name: name.removeprefix("trellis_"))
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_no_role_looks_up(lookup: str, login: str, role: str) -> None:
    with connection_as(login) as connection:
        connection.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
            connection.execute(LOOKUPS[lookup])


def test_every_writer_calls_what_is_no_look_up() -> None:
    with connection_as(WORKER_LOGIN) as connection:
        for domain in domains():
            connection.execute(f"SET ROLE {domain.role}")
            assert connection.execute("SELECT shared.uuid7()").fetchone() is not None
