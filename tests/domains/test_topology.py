"""Which database and login a process uses, by its environment; what it refuses to act for."""

from __future__ import annotations

from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from pytest_django.fixtures import Settings

from config.settings.databases import databases
from config.settings.domains import DOMAINS, declared_domains
from shared.domains.logins import login_password
from shared.domains.registry import DomainNotServedError
from shared.domains.router import alias_of, database_aliases, domains_in, lives_in
from shared.session import acting
from shared.session.login import refuse_unsafe_login
from shared.tenancy.models import Tenant

pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")

ONE = "postgresql://trellis_web:x@db.example:5432/trellis"
TWO = "postgresql://trellis_web:x@support.example:5432/desk"


class _Environment(environ.Env):
    """An environment of these variables alone."""

    def __init__(self, **variables: str) -> None:
        super().__init__()
        self.ENVIRON = variables


def of(kind: str = "web", **variables: str) -> dict[str, dict[str, Any]]:
    return databases(_Environment(**variables), kind, DOMAINS)


def test_one_url_is_one_database_for_everything() -> None:
    assert of(DATABASE_URL=ONE).keys() == {"default"}
    assert of(DATABASE_URL=ONE, SUPPORT_DATABASE_URL=ONE).keys() == {"default"}


def test_a_url_of_its_own_gives_a_domain_its_database() -> None:
    found = of(DATABASE_URL=ONE, SUPPORT_DATABASE_URL=TWO)
    assert found.keys() == {"default", "support"}
    assert (found["support"]["HOST"], found["support"]["NAME"]) == ("support.example", "desk")


def test_without_a_common_url_the_first_domain_is_at_home() -> None:
    found = of(PLATFORM_DATABASE_URL=ONE, SUPPORT_DATABASE_URL=TWO)
    assert found["default"]["HOST"] == "db.example"
    assert found.keys() == {"default", "support"}


def test_a_common_url_that_no_domain_needs_is_no_database_of_the_process() -> None:
    own = {f"{domain.name.upper()}_DATABASE_URL": f"{TWO}_{domain.name}" for domain in DOMAINS}
    found = of(DATABASE_URL=ONE, **own)
    assert [database["NAME"] for database in found.values()] == [f"desk_{domain.name}" for domain in DOMAINS]


def test_another_login_to_the_same_database_is_another_connection() -> None:
    own = ONE.replace("trellis_web", "trellis_crm_app")
    assert of(DATABASE_URL=ONE, CRM_DATABASE_URL=own)["crm"]["USER"] == "trellis_crm_app"


def test_a_worker_signs_in_with_its_own_login_to_every_database() -> None:
    found = of("worker", DATABASE_URL=ONE, SUPPORT_DATABASE_URL=TWO, LOGIN_PASSWORD_SEED="seed")
    assert {database["USER"] for database in found.values()} == {"trellis_worker"}
    assert found["support"]["PASSWORD"] == login_password("seed", "trellis_worker")


def test_an_explicit_url_of_a_kind_comes_first() -> None:
    explicit = ONE.replace("trellis_web", "somebody")
    found = of("migrations", DATABASE_URL=ONE, MIGRATION_DATABASE_URL=explicit, LOGIN_PASSWORD_SEED="seed")
    assert found["default"]["USER"] == "somebody"


def test_with_the_platforms_api_the_apps_may_not_read_its_schema() -> None:
    by_name = {domain.name: domain for domain in declared_domains(platform_by_api=True)}
    assert by_name["support"].reads == ()
    assert by_name["platform"].reads == tuple(name for name in by_name if name != "platform")


@pytest.fixture
def split(settings: Settings) -> None:
    """Support has a database of its own."""
    home = settings.DATABASES["default"]
    settings.DATABASES = {"default": home, "support": {**home, "NAME": "elsewhere"}}


def test_domains_live_where_their_url_points(split: None) -> None:
    assert database_aliases() == ("default", "support")
    assert [domain.name for domain in domains_in("support")] == ["support"]
    assert [domain.name for domain in domains_in("default")] == [
        domain.name for domain in DOMAINS if domain.name != "support"
    ]
    assert alias_of(None) == "default"


def test_tables_live_with_their_domain_and_the_kits_everywhere(split: None) -> None:
    apps = ("support", "crm", "admin", "shared", "contenttypes")
    assert [app for app in apps if lives_in("support", app)] == ["support", "shared", "contenttypes"]
    assert [app for app in apps if lives_in("default", app)] == ["crm", "admin", "shared", "contenttypes"]


def test_the_home_of_a_limited_process_is_its_first_domain(split: None, settings: Settings) -> None:
    settings.SERVE = ("support",)
    assert alias_of(None) == "support"


def test_a_limited_process_does_not_act_for_others(tenant: Tenant, settings: Settings) -> None:
    settings.SERVE = ("support",)
    with (
        pytest.raises(DomainNotServedError, match="serves support alone"),
        acting(domain="crm", organization=tenant.id),
    ):
        pass


def test_a_limited_process_refuses_a_login_that_may_act_for_others(db: None, settings: Settings) -> None:
    settings.SERVE = ("support",)
    connection = connections["default"]
    connection.ensure_connection()
    with pytest.raises(
        ImproperlyConfigured, match=r"member of .*trellis_crm.* Use the login trellis_support_app"
    ):
        refuse_unsafe_login(connection)
