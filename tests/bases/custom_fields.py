"""What the custom fields of every domain promise; a domain's tests inherit these five and name model and entity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from shared.records import Record, uuid7
from shared.records.custom_fields.models import CustomFieldDefinition, FieldTerm, UniqueFieldValue
from shared.records.custom_fields.services import define_custom_field
from shared.tenancy.models import Tenant
from tests.bases.admin import AdminContract
from tests.bases.api import ApiWriteContract
from tests.bases.models import ModelContract


def make_definition(
    model: type[CustomFieldDefinition], entity: str, type: str = "text", **values: Any
) -> CustomFieldDefinition:
    """A definition with a key of its own; inside a unit of the model's domain."""
    key = values.pop("key", "") or f"key_{uuid7().hex[-8:]}"
    if type in ("choice", "choices"):
        values.setdefault("choices", ["s", "m", "l"])
    return define_custom_field(
        model, entity=entity, key=key, type=type, **{"label": key.replace("_", " ").capitalize(), **values}
    )


class DefinitionContract(ModelContract):
    """Of the table of definitions."""

    model: ClassVar[type[CustomFieldDefinition]]
    entity: ClassVar[str]

    def make(self, tenant: Tenant) -> CustomFieldDefinition:
        return make_definition(self.model, self.entity)


class UniqueValueContract(ModelContract):
    """Of the table of unique values."""

    model: ClassVar[type[UniqueFieldValue]]
    entity: ClassVar[str]

    def make(self, tenant: Tenant) -> UniqueFieldValue:
        definitions = self.model._meta.get_field("definition").related_model
        definition = make_definition(definitions, self.entity, unique=True)  # type: ignore[arg-type]
        row: UniqueFieldValue = self.model.objects.create(definition=definition, record_id=uuid7(), value="a")
        return row


class TermContract(ModelContract):
    """Of the index of custom fields; ``record`` makes a record of the domain that takes them."""

    model: ClassVar[type[FieldTerm]]
    record: ClassVar[Callable[[], Record]]

    def make(self, tenant: Tenant) -> FieldTerm:
        record = type(self).record()
        type(record)._base_manager.filter(pk=record.pk).update(custom_fields={"size": "m"})
        return self.model.objects.get(record_id=record.pk, term__endswith=".size=tm")


class CustomFieldApiContract(ApiWriteContract):
    """Of /api/<domain>/custom-fields."""

    entity: ClassVar[str]
    changes = {"label": "Another", "required": True}
    text_field = "label"

    def make(self, tenant: Tenant) -> CustomFieldDefinition:
        return make_definition(self.view().model, self.entity)

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "entity": self.entity,
            "key": f"key_{uuid7().hex[-8:]}",
            "label": "Size",
            "type": "choice",
            "choices": ["s", "m"],
        }


class CustomFieldAdminContract(AdminContract):
    """Of the page where administrators define them."""

    model: ClassVar[type[CustomFieldDefinition]]
    entity: ClassVar[str]
    admins_only = True
    duplicate_field = "key"
    edit = {"label": "Another"}

    def make(self, tenant: Tenant) -> CustomFieldDefinition:
        return make_definition(self.model, self.entity)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "entity": self.entity,
            "key": f"key_{uuid7().hex[-8:]}",
            "label": "Size",
            "type": "choice",
            "choices": "s\nm",
            "visibility": "everywhere",
        }
