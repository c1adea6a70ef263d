"""GET /api/: where a caller can go from here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern, reverse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from shared.api.caller import Caller
from shared.api.scopes import scope_of
from shared.api.views import ApiView
from shared.domains.registry import Domain, served_domains


class _AnyCaller(BasePermission):
    """Whoever has signed in; what is shown depends on what they may read."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, Caller)


class EntryView(ApiView):
    """The lists of records that you may read, by domain, and the documents that describe them.

    A list's address takes `limit`, `cursor`, `ordering`, `fields` and `expand`; the documents name its filters."""

    schema = None  # type: ignore[assignment]  # it leads to the document and is no part of it
    permission_classes = (_AnyCaller,)  # type: ignore[assignment]

    @property
    def domain(self) -> str:
        """Any that is served here: it says which database knows the caller's key."""
        return served_domains()[0].name

    def get(self, request: Request) -> Response:
        """The entry page."""
        self.read_parameters()
        here = request._request.build_absolute_uri
        return Response(
            {
                "caller": {"name": str(self.caller), "kind": self.caller.actor.kind},
                "domains": {
                    domain.name: {name: here(address) for name, address in _open_to(self.caller, domain)}
                    for domain in served_domains()
                },
                "documents": {name: here(reverse(name)) for name in ("schema", "docs", "redoc")},
            }
        )


def _open_to(caller: Caller, domain: Domain) -> list[tuple[str, str]]:
    """Names and addresses of the lists of a domain that the caller may read."""
    if caller.scopes is not None:
        return list(_addresses(domain)) if scope_of(domain.name, "GET") in caller.scopes else []
    may = caller.user.has_perm
    models = _addresses(domain)
    return [place for place, model in models.items() if may(f"{model.app_label}.view_{model.model_name}")]


@cache
def _addresses(domain: Domain) -> dict[tuple[str, str], Any]:
    """(name, address) of each list of records that the domain's URLs declare, with the model's options."""
    found = {}
    for prefix in domain.api:
        module = f"{domain.app}.api.{'urls' if prefix == domain.name else f'{prefix}_urls'}"
        if not find_spec(module):
            continue
        for pattern in import_module(module).urlpatterns:
            actions = getattr(getattr(pattern, "callback", None), "actions", {})
            if isinstance(pattern, URLPattern) and actions.get("get") == "list":
                route = str(pattern.pattern)
                if "<" not in route:
                    meta = pattern.callback.cls.model._meta  # type: ignore[attr-defined]  # a view set's
                    found[(route, f"/api/{prefix}/{route}")] = meta
    return found
