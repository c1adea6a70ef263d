"""What becomes of the tenants' own schemas when the domains have migrated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from shared.domains.registry import domain_of_app, serves
from shared.domains.router import lives_in
from shared.tenancy.rollout.choosing import Choice
from shared.tenancy.rollout.subjects import SchemaSubject
from shared.tenancy.rollout.waves import begin, find_unfinished, resume
from shared.tenancy.schemas import tenant_apps


def follow_migrations(alias: str, *, say: Callable[[str], Any]) -> None:
    """They come along where ROLL_OUT_AT_ONCE says so, as in development; else whoever migrates is told who waits.

    Raises what a wave raises.
    """
    for config in tenant_apps():
        if not lives_in(alias, config.label) or not serves(domain_of_app(config.label).name):
            continue
        subject = SchemaSubject(config.label)
        newest = subject.newest
        behind = sum(place != newest for place in subject.standing().values())
        if not behind:
            continue
        if not settings.ROLL_OUT_AT_ONCE:
            say(
                f"Tenants that wait for {newest}: {behind}. manage.py rollout {subject.name} brings it to them."
            )
            continue
        if find_unfinished(subject.alias) is not None:
            resume(subject.alias, say=say)
        begin(subject, newest, Choice(), say=say)
