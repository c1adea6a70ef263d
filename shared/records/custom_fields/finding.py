"""Records by their custom fields: conditions and orders that a B-tree answers under row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL

from shared.records.custom_fields import terms
from shared.records.custom_fields.choices import FieldType
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import find_term_model
from shared.session.facts import current

_LAST = "\U0010ffff"


class FieldTerms:
    """The index as one definition sees it; ``model`` is the kind of record that has the field."""

    def __init__(self, model: Any, definition: CustomFieldDefinition) -> None:
        table, facts = find_term_model(model), current()
        assert table is not None
        assert facts is not None
        assert facts.organization is not None
        self.kind = terms.kind_of(FieldType(definition.type))
        self.head = terms.head(definition.entity, definition.key)
        self.rows: QuerySet[Any] = table._base_manager.filter(
            organization_id=facts.organization,
            term__gte=self.head + self.kind,
            term__lt=self.head + chr(ord(self.kind) + 1),
        )

    def form(self, value: str, more: str = "") -> RawSQL:
        """The term of a value in its normal form, with ``more`` behind it."""
        sql = f"'{self.head}' || {terms.form(self.kind, '%s::text')}"
        params: list[Any] = [value] * sql.count("%s")
        if more:
            sql, params = f"{sql} || %s", [*params, more]
        return RawSQL(sql, params, output_field=TextField(db_collation="C"))

    def equal(self, values: Sequence[str]) -> Q:
        """Records that have one of these values; a text is compared in any case."""
        found = Q()
        for value in values:
            found |= Q(term=self.form(value))
        return self._having(found)

    def compared(self, lookup: str, value: str) -> Q:
        """Records with a value that is ``lookup`` (gt, gte, lt, lte) this one."""
        return self._having(Q(**{f"term__{lookup}": self.form(value)}))

    def beginning(self, value: str) -> Q:
        """Records with a text that begins so, in any case."""
        return self._having(Q(term__gte=self.form(value), term__lt=self.form(value, _LAST)))

    def missing(self) -> Q:
        """The condition that a record has no value."""
        return Q(~Exists(self.rows.filter(record_id=OuterRef("pk"))))

    def _having(self, condition: Q) -> Q:
        return Q(pk__in=self.rows.filter(condition).values("record_id"))
