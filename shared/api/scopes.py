"""What a caller may do: scopes of a key, permissions of a staff member."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from shared.api.caller import Caller
from shared.api.problems import ProblemError

_VERBS = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


class ScopePermission(BasePermission):
    """A key needs ``<domain>:read`` or ``<domain>:write`` of the URL's domain; write does not include read.

    Staff need the permission that the back office asks for: view, add, change or delete of the view's model.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        caller = request.auth
        if not isinstance(caller, Caller):
            return False  # answers 401
        if caller.scopes is not None:
            scope = scope_of(view.domain, request.method or "GET")
            if scope not in caller.scopes:
                detail = f"This key lacks the scope {scope}: ask an administrator to add it."
                raise ProblemError(403, "scope_missing", detail, scope=scope)
            return True
        model = getattr(view, "model", None)
        if model is None:
            return bool(caller.user.has_module_perms(view.app_label))
        verb = "view" if request.method in SAFE_METHODS else _VERBS.get(request.method or "", "change")
        if getattr(view, "detail", None) and verb == "add":
            verb = "change"  # POST /tickets/{id}/close
        return bool(caller.user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}"))


def scope_of(domain: str, method: str) -> str:
    """The scope that a method needs in a domain."""
    return f"{domain}:read" if method in SAFE_METHODS else f"{domain}:write"
