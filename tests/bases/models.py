"""ModelContract: what every table of the kit promises; a test class per model inherits it."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, connection, models, transaction

from shared.domains.registry import domain_of_model
from shared.records import Record, TenantForeignKey
from shared.records.models import TenantRow
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.history import HistoryContract
from tests.bases.isolation import violations


class ModelContract(HistoryContract):
    """Inherit, set ``model``, and write ``make(tenant)``, which creates and returns a new row each time it is called
    (already inside a unit of the model's domain for that tenant)."""

    model: ClassVar[type[models.Model]]

    def make(self, tenant: Tenant) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how to make a {self.model.__name__}.")

    def made(self, tenant: Tenant) -> Any:
        """A new row of the tenant."""
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            return self.make(tenant)

    @property
    def is_record(self) -> bool:
        return issubclass(self.model, Record)

    def test_isolation_as_every_role_in_raw_sql(self, tenant: Tenant, other_tenant: Tenant) -> None:
        own, other = self.made(tenant), self.made(other_tenant)
        assert violations(connection.connection, self.model, own, other) == []

    def test_the_orm_shows_only_the_tenants_rows(self, tenant: Tenant, other_tenant: Tenant) -> None:
        own, other = self.made(tenant), self.made(other_tenant)
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            seen = set(self.model._default_manager.values_list("pk", flat=True))
        assert own.pk in seen
        assert other.pk not in seen

    def test_tenant_and_app_come_from_the_unit(self, tenant: Tenant) -> None:
        if not issubclass(self.model, TenantRow):
            pytest.skip("not a row of the kit")
        row = self.made(tenant)
        assert row.organization_id == tenant.id
        assert row.created_by_app == domain_of_model(self.model).name

    def test_references_stay_inside_the_tenant(self, tenant: Tenant, other_tenant: Tenant) -> None:
        own, other = self.made(tenant), self.made(other_tenant)
        fields = [f for f in self.model._meta.local_fields if isinstance(f, TenantForeignKey)]
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            for field in fields:
                foreign = getattr(other, field.attname)
                if foreign is None:
                    continue
                with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
                    self.model._base_manager.filter(pk=own.pk).update(**{field.attname: foreign})

    def test_every_write_path_raises_the_version(self, tenant: Tenant) -> None:
        if not self.is_record:
            pytest.skip("append-only rows have no version")
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            row = self.make(tenant)
            assert row.version == 1
            row.save()
            assert row.version == 2, "save() reads back what the trigger counted"
            rows = self.model._base_manager.filter(pk=row.pk)
            rows.update(custom_fields={"by": "update"})
            self.model._base_manager.bulk_update([row], ["custom_fields"])
            with connection.cursor() as cursor:
                cursor.execute(
                    f'UPDATE "{self.model._meta.db_table}" SET custom_fields = %s WHERE id = %s',
                    ['{"by": "sql"}', row.pk],
                )
            before = row.updated_at
            row.refresh_from_db()
            assert row.version == 5
            assert row.updated_at > before

    def test_soft_delete_hides_and_restore_brings_back(self, tenant: Tenant) -> None:
        if not self.is_record:
            pytest.skip("append-only rows are not deleted")
        with acting(domain=domain_of_model(self.model).name, organization=tenant.id):
            row = self.make(tenant)
            row.soft_delete()
            assert row.deleted_at is not None
            assert not self.model.objects.filter(pk=row.pk).exists()
            assert self.model.all_objects.filter(pk=row.pk).exists()
            row.restore()
            assert self.model.objects.filter(pk=row.pk).exists()
            assert row.version == 3
