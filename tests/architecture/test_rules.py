"""Rules of the house that a machine can keep."""

from __future__ import annotations

import importlib
import inspect
import subprocess
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.contrib import admin
from django.core.management import get_commands, load_command_class

from shared.backoffice.record import RecordAdmin
from shared.domains.check.compare import declared_models
from shared.domains.registry import domains
from shared.records.custom_fields.models import FieldTerm, UniqueFieldValue

ROOT = Path(__file__).resolve().parents[2]
OWN_APPS = ("shared", *(d.app for d in domains()))
LONG_FILES: dict[str, str] = {}
"""Files of more than 400 lines, each with its reason."""
PLAIN_ADMINS: dict[str, str] = {}
"""Admin pages that are not RecordAdmin, each with its reason."""


def tracked(pattern: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_grows_past_400_lines() -> None:
    long = {
        name
        for name in tracked("*.py")
        if "/migrations/" not in name and len((ROOT / name).read_text().splitlines()) > 400
    }
    assert long - LONG_FILES.keys() == set(), "split them, or say why not in LONG_FILES"
    assert LONG_FILES.keys() - long == set(), "an exemption that nothing needs any more"


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc"])
def test_nothing_is_named_after_nothing(name: str) -> None:
    assert [f for f in tracked("*.py") if name in Path(f).parts or Path(f).stem == name] == []


@pytest.mark.parametrize("domain", domains(), ids=lambda d: d.name)
def test_a_domain_has_the_shape_of_its_siblings(domain: object) -> None:
    home = ROOT / domain.app  # type: ignore[attr-defined]
    for part in (
        "README.md",
        "apps.py",
        "choices.py",
        "models",
        "selectors",
        "services",
        "api/urls.py",
        "admin",
    ):
        assert (home / part).exists(), f"{domain.app} has no {part}"  # type: ignore[attr-defined]


def test_many_to_many_goes_through_a_model_of_the_kit() -> None:
    automatic = [
        f"{model._meta.label}.{field.name}"
        for model in declared_models()
        for field in model._meta.local_many_to_many
        if field.remote_field.through._meta.auto_created
    ]
    assert automatic == [], "an automatic through table has no tenant: name a model with through="


def test_every_command_says_what_it_does() -> None:
    silent = []
    for name, app in get_commands().items():
        if app.split(".")[0] in OWN_APPS:
            command = load_command_class(app, name)
            if not command.help:
                silent.append(name)
    assert silent == []


def test_every_task_names_its_domain() -> None:
    current_app.loader.import_default_modules()
    for config in apps.get_app_configs():
        if config.name.split(".")[0] in OWN_APPS:
            with pytest.MonkeyPatch.context():
                try:
                    importlib.import_module(f"{config.name}.tasks")
                except ModuleNotFoundError:
                    continue
    own = {
        name: task for name, task in current_app.tasks.items() if not name.startswith(("celery.", "tests."))
    }
    prefixes = {"shared", *(d.name for d in domains())}
    assert own, "there are tasks"
    for name, task in own.items():
        assert name.split(".")[0] in prefixes, f"{name}: a task's name begins with its domain"
        assert hasattr(task, "domain") or hasattr(task, "reason"), f"{name}: use domain_task or operator_task"
        signature = inspect.signature(task.run)
        allowed = {str, int, float, bool, "str", "int", "float", "bool", inspect.Parameter.empty}
        for parameter in signature.parameters.values():
            kind = str(parameter.annotation).removesuffix(" | None")
            assert parameter.annotation in allowed or kind in allowed, f"{name}: {parameter} is not primitive"


def test_every_admin_page_acts_for_its_domain_and_tenant() -> None:
    from shared.backoffice.site import TrellisAdminSite

    assert isinstance(
        admin.site._wrapped if hasattr(admin.site, "_wrapped") else admin.site, TrellisAdminSite
    )
    plain = {
        model._meta.label for model, page in admin.site._registry.items() if not isinstance(page, RecordAdmin)
    }
    assert plain - PLAIN_ADMINS.keys() == set(), "inherit RecordAdmin, or say why not in PLAIN_ADMINS"
    assert PLAIN_ADMINS.keys() - plain == set(), "an exemption that nothing needs any more"


def test_every_model_that_people_work_with_has_an_admin_page() -> None:
    registered = set(admin.site._registry)
    without = {
        "shared.ActivityEvent": "read on the page Activity log of each domain",
        "shared.ActivityHorizon": "how far the log is final; nobody edits it",
        "shared.ActivitySeal": "proof for operators: manage.py verify_activity",
        "shared.AggregateVersion": "counters of events; nobody edits them",
        "shared.EventInterest": "kept by what asks for events: workflows, webhooks",
        "shared.InboxEvent": "seen and released by manage.py events",
        "shared.OutboxDelivery": "seen by manage.py events",
        "shared.OutboxEntry": "seen by manage.py events",
        "shared.OutboxEvent": "seen and replayed by manage.py events",
        "platform_core.Session": "a secret of its owner",
        "platform_core.User": "an account is its person's own; a tenant edits its profile of them",
        "shared.ApiKeyUse": "shown with the key",
        "shared.BackfillPosition": "kept by manage.py backfill",
        "shared.IdempotencyKey": "answers kept for a day for machines",
        "shared.LegalHold": "placed by manage.py legal_hold",
        "shared.RolloutStep": "kept by manage.py rollout",
        "shared.RolloutWave": "kept by manage.py rollout",
        "support.TicketCounter": "numbers tickets; nobody edits it",
        "support.TicketMessage": "part of the conversation on the ticket's page",
        "support.TicketNote": "part of the conversation on the ticket's page",
    }
    missing = {
        m._meta.label
        for m in declared_models(versions=False)
        if m not in registered and not _is_inline(m) and not issubclass(m, (FieldTerm, UniqueFieldValue))
    }
    assert missing - without.keys() == set()
    assert without.keys() - missing == set(), "an exemption that nothing needs any more"


def _is_inline(model: type) -> bool:
    return any(
        inline.model is model
        for page in admin.site._registry.values()
        for inline in getattr(page, "inlines", ())
    )
