"""docs/catalogue/permissions.md: who may do what, in the database, by API key, and as a member of staff."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_backends, get_user_model
from django.db import models
from rest_framework.schemas.generators import EndpointEnumerator

from shared.api.scopes import scope_of
from shared.api.views import ApiView
from shared.catalogue.markdown import GENERATED, code, table
from shared.catalogue.schema import rights_of, rows_of
from shared.domains.access import TENANT_ROWS, access_of
from shared.domains.check.compare import declared_models
from shared.domains.check.functions import declared_functions
from shared.domains.registry import (
    HISTORY_ROLE,
    OPERATOR_ROLE,
    OWNER_ROLE,
    SHARED_SCHEMA,
    domains,
    split_table,
)
from shared.domains.roles import logins

ACTIONS = ("view", "add", "change", "delete", "export")


def permissions_page() -> str:
    """The page as text."""
    return "\n".join(_page()).rstrip() + "\n"


def _page() -> Iterator[str]:
    yield GENERATED
    yield "# Who may do what"
    yield ""
    yield "## Schemas by domain"
    yield ""
    yield "What a session that acts as a domain may do (`manage.py check_domains` compares the server)."
    yield ""
    yield from table(("schema", *(d.name for d in domains())), _matrix())
    yield "## Tables that depart from it"
    yield ""
    yield from table(("table", "rows", "rights"), _departures())
    yield "## Database roles and logins"
    yield ""
    yield f"- {code(OWNER_ROLE)}: owns every table; migrations act as it."
    yield f"- {code(OPERATOR_ROLE)}: sees every tenant; `operating(reason=…)` acts as it."
    yield f"- {code(HISTORY_ROLE)}: owner of the functions that write versions and the activity log; nobody can become it."
    yield ""
    yield from table(
        ("login", "may become"), ((code(n.name), ", ".join(map(code, n.may_become))) for n in logins())
    )
    yield "Functions that a login may call before it has become anyone, to find out who is asking:"
    yield ""
    yield from (
        f"- {code(name)}" for name, operation in sorted(declared_functions().items()) if operation.lookup
    )
    yield ""
    yield "## Endpoints and the scope that a key needs"
    yield ""
    yield "Staff need the right of the same name on the record's model instead (next section)."
    yield ""
    yield from table(("method", "path", "scope"), _endpoints())
    yield "## Staff"
    yield ""
    yield "By the role of the membership in the tenant; its `domains`, if any, narrow it to those domains."
    yield ""
    roles = [str(value) for value, _ in get_user_model()._meta.get_field("role").flatchoices]  # type: ignore[union-attr]
    yield from table(("record", *roles), _staff(roles))


def _matrix() -> Iterator[tuple[str, ...]]:
    for schema in (*(d.schema for d in domains()), SHARED_SCHEMA):
        verbs = TENANT_ROWS.grants(schema)
        yield (
            code(schema),
            *(
                "read/write" if "INSERT" in v else "read" if v else "none"
                for v in (verbs.get(d.role, ()) for d in domains())
            ),
        )


def _departures() -> Iterator[tuple[str, ...]]:
    for model in sorted(declared_models(versions=False), key=lambda m: m._meta.db_table):
        access = access_of(model)
        if access != TENANT_ROWS:
            schema, name = split_table(model._meta.db_table)
            yield code(f"{schema}.{name}"), rows_of(access), rights_of(model, access, schema)


def _endpoints() -> Iterator[tuple[str, ...]]:
    found = set()
    for path, method, callback in EndpointEnumerator(urlconf=settings.ROOT_URLCONF).get_api_endpoints():
        view = callback.cls(**callback.initkwargs)
        if isinstance(view, ApiView):
            found.add((path, method, code(scope_of(view.domain, method))))
    for path, method, scope in sorted(found):
        yield method, code(path), scope


def _staff(roles: list[str]) -> Iterator[tuple[str, ...]]:
    people = [_person(role) for role in roles]
    for model in (*declared_models(versions=False), *declared_models(tenant_apps=True, versions=False)):
        if access_of(model).rows != "global":
            yield code(model._meta.label), *(_rights(person, model) for person in people)


def _person(role: str) -> Any:
    return SimpleNamespace(is_active=True, membership=SimpleNamespace(role=role, domains=()))


def _rights(person: Any, model: type[models.Model]) -> str:
    names = [f"{model._meta.app_label}.{action}_{model._meta.model_name}" for action in ACTIONS]
    allowed = [a for a, n in zip(ACTIONS, names, strict=True) if _has_perm(person, n)]
    return "all" if len(allowed) == len(ACTIONS) else ", ".join(allowed) or "none"


def _has_perm(person: Any, name: str) -> bool:
    return any(
        backend.has_perm(person, name) for backend in get_backends() if hasattr(backend, "has_module_perms")
    )
