"""An endpoint without its contract fails the suite."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver, resolve

import tests
from shared.api.views import ApiView
from tests.bases.api import ApiReadContract
from tests.servers import ROOT

AN_ID = "01900000-0000-7000-8000-000000000000"
OTHER_TESTS = {
    "UndoRequestView": ("tests/records/test_undo.py", "an act, not a list of records"),
    "ActivityView": ("tests/records/test_activity_api.py", "tells of records of all kinds and is none"),
    "EntryView": ("tests/api/test_entry.py", "leads to the lists and is none"),
    "CustomerIntelligenceView": (
        "tests/platform_core/api/test_contracts.py",
        "a single answer, not a list of records",
    ),
    "CustomerOverviewView": ("tests/events/test_scenarios.py", "a single answer, not a list of records"),
    **dict.fromkeys(
        (
            "CustomerByEmailView",
            "CustomerSummaryView",
            "ContactDecisionView",
            "CustomerSyncView",
            "AnalysisView",
            "MessageDraftView",
        ),
        ("tests/platform_core/api/test_platform_client.py", "single answers to the platform client"),
    ),
    "TicketMessageViewSet": (
        "tests/support/api/test_endpoints.py",
        "its contract's address begins with a ticket's",
    ),
    "TicketNoteViewSet": ("tests/support/api/test_tickets.py", "staff alone: the contract asks with a key"),
    "QuickbooksCustomerViewSet": (
        "tests/crm/quickbooks/test_edges.py",
        "needs a tenant whose schema has been made",
    ),
}
"""Views that no contract covers: where they are tested, and why."""


def api_views(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[type[ApiView]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from api_views(pattern.url_patterns)
        else:
            view = getattr(pattern.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, ApiView):
                yield view


def contracts() -> set[type[ApiReadContract]]:
    for module in pkgutil.walk_packages(tests.__path__, "tests."):
        if ".test_" in module.name:
            importlib.import_module(module.name)
    found: set[type[ApiReadContract]] = set()
    waiting = ApiReadContract.__subclasses__()
    while waiting:
        contract = waiting.pop()
        found.add(contract)
        waiting.extend(contract.__subclasses__())
    return found


def covered_view(contract: type[ApiReadContract]) -> type[ApiView] | None:
    url = getattr(contract, "url", None)
    if not isinstance(url, str):
        view = getattr(contract, "view", None)
        return view if isinstance(view, type) else None
    if not url.startswith("/api/"):
        return None
    match = resolve(re.sub(r"\{\w+\}", AN_ID, url))
    return getattr(match.func, "cls", None)


def test_every_endpoint_has_a_contract() -> None:
    covered = {view for contract in contracts() if (view := covered_view(contract)) is not None}
    missing = {view.__name__ for view in api_views() if view not in covered}
    assert missing - OTHER_TESTS.keys() == set(), (
        "write a test class that inherits tests.bases.api.ApiReadContract"
    )
    assert OTHER_TESTS.keys() - missing == set(), "an exemption that nothing needs any more"
    assert [path for path, _ in OTHER_TESTS.values() if not (ROOT / path).exists()] == []
