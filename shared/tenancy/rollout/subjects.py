"""What can be rolled out: the migrations of an app in the tenants' own schemas, and a feature."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from django.db import connections

from shared.domains.recorder import migrations_on_disk
from shared.domains.registry import central_domain, domain_of_app, serves
from shared.domains.router import alias_of
from shared.tenancy.features import Feature, features
from shared.tenancy.models import Tenant
from shared.tenancy.schemas import migrate_schema, migrations_of, schemas_there, tenant_apps
from shared.tenancy.standing import SECONDS


class RolloutRefusedError(RuntimeError):
    """What was asked for cannot be rolled out; the message says what to do."""


class Subject(Protocol):
    """Something that tenants get one after the other. ``alias`` is the database where that happens."""

    name: str
    alias: str

    @property
    def newest(self) -> str:
        """The target where none is named."""

    def target(self, said: str) -> str:
        """The target that was meant; raises RolloutRefusedError."""

    def standing(self) -> dict[Tenant, str]:
        """Where each tenant is, in order of age; those are left out whom it does not concern."""

    def bring(self, tenant: Tenant, target: str) -> None:
        """Bring one tenant to the target. Done twice it does no harm; raises what stands in the way."""


class SchemaSubject:
    """The migrations of an app whose tables lie in the tenants' own schemas."""

    def __init__(self, label: str) -> None:
        self.name = label
        self.alias = alias_of(domain_of_app(label).name)

    @property
    def newest(self) -> str:
        return migrations_on_disk(self.name)[-1]

    def target(self, said: str) -> str:
        known = migrations_on_disk(self.name)
        found = [name for name in known if name.startswith(said)]
        if len(found) != 1:
            what = "several migrations that begin with" if found else "no migration"
            raise RolloutRefusedError(f"{self.name} has {what} {said!r}: give one of {', '.join(known)}.")
        return found[0]

    def standing(self) -> dict[Tenant, str]:
        there = schemas_there(self.alias)
        return {
            tenant: migrations_of(tenant, self.alias).get(self.name, "nothing")
            for tenant in _tenants(self.alias)
            if tenant.schema_name in there
        }

    def bring(self, tenant: Tenant, target: str) -> None:
        here = migrations_of(tenant, self.alias).get(self.name, "")
        known = migrations_on_disk(self.name)
        back = sum(target < name <= here for name in known)
        if back:
            self._step_back(tenant, schema_version_of(tenant) - back)
        migrate_schema(tenant, {self.name: target}, alias=self.alias)

    def _step_back(self, tenant: Tenant, version: int) -> None:
        """Let every process know, and forget what it believed, before columns go."""
        for feature in features():
            if feature.needs_schema > version and is_on(feature, tenant):
                raise RolloutRefusedError(
                    f"the feature {feature.name} needs version {feature.needs_schema} of its schema: roll that out "
                    "with --to off first"
                )
        Tenant.objects.using(self.alias).filter(pk=tenant.pk).update(schema_version=version)
        time.sleep(SECONDS)


class FeatureSubject:
    """A feature, in the settings of tenants where these are written: the central domain's database."""

    def __init__(self, feature: Feature) -> None:
        self.name = feature.name
        self.feature = feature
        self.alias = alias_of(central_domain().name)

    newest = "on"

    def target(self, said: str) -> str:
        if said not in ("on", "off"):
            raise RolloutRefusedError(
                f"{self.name} is a feature: give --to on or --to off, or leave it out for on."
            )
        return said

    def standing(self) -> dict[Tenant, str]:
        return {t: "on" if is_on(self.feature, t) else "off" for t in _tenants(self.alias)}

    def bring(self, tenant: Tenant, target: str) -> None:
        needed = self.feature.needs_schema
        if target == "on" and (reached := schema_version_of(tenant)) < needed:
            raise RolloutRefusedError(
                f"its own schema is at version {reached}, and the feature needs {needed}: roll out "
                f"{' and '.join(config.label for config in tenant_apps())} to it first"
            )
        with connections[self.alias].cursor() as cursor:
            cursor.execute(
                "UPDATE shared.tenants SET settings = settings || jsonb_build_object('features', "
                "coalesce(settings -> 'features', '{}') || jsonb_build_object(%s::text, %s::boolean)) WHERE id = %s",
                [self.name, target == "on", tenant.pk],
            )


def is_on(feature: Feature, tenant: Tenant) -> bool:
    """Whether a tenant has a feature, as its row says."""
    switches = tenant.settings.get("features") or {}
    return bool(switches.get(feature.name, feature.default))


def schema_version_of(tenant: Tenant) -> int:
    """The version of a tenant's own schema, as the database where it lies says; raises RolloutRefusedError where this
    process does not know it."""
    owner = next(domain_of_app(config.label).name for config in tenant_apps())
    if not serves(owner):
        raise RolloutRefusedError(f"this process does not know where {owner} lives: run it without SERVE")
    alias = alias_of(owner)
    found = Tenant.objects.using(alias).filter(pk=tenant.pk).values_list("schema_version", flat=True).first()
    return found or 0


def subjects() -> Iterator[Subject]:
    """All that this process can roll out: of domains outside SERVE it does not know where they live."""
    for config in tenant_apps():
        if serves(domain_of_app(config.label).name):
            yield SchemaSubject(config.label)
    if serves(central_domain().name):
        for feature in features():
            yield FeatureSubject(feature)


def get_subject(name: str) -> Subject:
    """The subject called ``name``; raises RolloutRefusedError."""
    known = list(subjects())
    for subject in known:
        if subject.name == name:
            return subject
    raise RolloutRefusedError(
        f"There is nothing called {name!r} to roll out: choose among {', '.join(s.name for s in known) or 'nothing'}."
    )


def _tenants(alias: str) -> list[Tenant]:
    return list(Tenant.objects.using(alias).order_by("created_at", "id"))
