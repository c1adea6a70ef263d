"""Export of a list: the selected records, or all that the filters leave, as CSV or JSON Lines.

The identifiers are read in the page's unit, then the records in batches, each in a unit of its own: while the answer
travels, no transaction is open. What is deleted meanwhile is left out.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from shared.backoffice.custom_fields import PREFIX
from shared.records.custom_fields.typed import text_of_value
from shared.session import acting
from shared.session.facts import Facts, current

LIMIT = 100_000
_BATCH = 1000
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LEFT_OUT = frozenset({"organization", "deleted_at", "custom_fields", "password"})

Records = Iterator[dict[str, Any]]
T = TypeVar("T")


class ExportMixin:
    """For record pages: the actions "Export as CSV" and "Export as JSON Lines", for those who may."""

    model: Any

    def has_export_permission(self, request: HttpRequest) -> bool:
        """A right of its own: a whole list leaves the house."""
        opts = self.model._meta
        return bool(request.user.has_perm(f"{opts.app_label}.export_{opts.model_name}"))

    @admin.action(description="Export as CSV", permissions=["export"])
    def export_csv(self, request: HttpRequest, queryset: Any) -> Any:
        return self._export(request, queryset, "csv", "text/csv; charset=utf-8", _as_csv)

    @admin.action(description="Export as JSON Lines", permissions=["export"])
    def export_jsonl(self, request: HttpRequest, queryset: Any) -> Any:
        return self._export(request, queryset, "jsonl", "application/jsonl", _as_jsonl)

    def _export(
        self,
        request: HttpRequest,
        queryset: Any,
        suffix: str,
        content_type: str,
        write: Callable[[Sequence[str], Sequence[str], Records], Iterator[str]],
    ) -> Any:
        keys = list(queryset.values_list("pk", flat=True)[: LIMIT + 1])
        if len(keys) > LIMIT:
            self.message_user(  # type: ignore[attr-defined]
                request,
                f"These are more than {LIMIT:,} records: narrow the list with search or filters, then export again.",
                messages.ERROR,
            )
            return None
        facts = current()
        assert facts is not None
        columns = _columns(self.model)
        fields = [definition.key for definition in self.custom_definitions(request)]  # type: ignore[attr-defined]
        answer = StreamingHttpResponse(
            write(columns, fields, _read(self.model, keys, columns, fields, facts)), content_type=content_type
        )
        name = f"{self.model._meta.verbose_name_plural}-{timezone.now():%Y-%m-%d}.{suffix}".replace(" ", "-")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        self._log(request, f"exported {len(keys)}", suffix)  # type: ignore[attr-defined]
        return answer


def _columns(model: type[models.Model]) -> list[str]:
    """The columns of the records, but secrets, what is computed from others, and what only the kit needs."""
    secrets = {*_LEFT_OUT, *getattr(model, "secret_fields", ())}
    return [
        field.attname
        for field in model._meta.concrete_fields
        if field.name not in secrets and not isinstance(field, models.GeneratedField)
    ]


def _read(
    model: Any, keys: Sequence[Any], columns: Sequence[str], fields: Sequence[str], facts: Facts
) -> Records:
    takes = [field.name for field in model._meta.concrete_fields if field.name == "custom_fields" and fields]
    for some in _batches(keys):
        with acting(
            domain=facts.domain,
            organization=facts.organization,
            actor=facts.actor,
            request_id=facts.request_id,
            reading=True,
            replica=False,
        ):
            rows = model._base_manager.filter(pk__in=some).values("pk", *columns, *takes)
            found = {row["pk"]: row for row in rows}
        for key in some:
            if (row := found.get(key)) is not None:
                custom = row.get("custom_fields") or {}
                yield {
                    **{name: row[name] for name in columns},
                    **{PREFIX + name: custom.get(name) for name in fields},
                }


def _as_csv(columns: Sequence[str], fields: Sequence[str], records: Records) -> Iterator[str]:
    names = [*columns, *(PREFIX + name for name in fields)]
    yield "\ufeff" + _line(names)  # by which spreadsheets know that it is UTF-8
    for some in _batches(records):
        yield "".join(_line([_cell(record[name]) for name in names]) for record in some)


def _as_jsonl(columns: Sequence[str], fields: Sequence[str], records: Records) -> Iterator[str]:
    for some in _batches(records):
        lines = []
        for record in some:
            custom = {name: record[PREFIX + name] for name in fields if record[PREFIX + name] is not None}
            said = {name: record[name] for name in columns} | ({"custom_fields": custom} if fields else {})
            lines.append(json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n")
        yield "".join(lines)


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    coming = iter(items)
    while batch := list(islice(coming, _BATCH)):
        yield batch


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    """A value as a text that no spreadsheet takes for a formula."""
    if isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
    ):
        text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    elif hasattr(value, "isoformat"):
        text = value.isoformat()
    else:
        text = text_of_value(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
