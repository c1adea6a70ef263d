"""The page "Activity log" of each domain: who did what, when and from where, and whether that is sealed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from shared.backoffice.past import AS_OF
from shared.backoffice.wording import ACTS, Told, Words
from shared.domains.registry import Domain, domain_of_model, domains, serves
from shared.records.activity.models import ActivityEvent
from shared.records.activity.reading import Wanted, find_acts, sealed_until
from shared.records.versions.diff import FieldChange, told_fields
from shared.records.versions.upkeep import entity_type, remembering_models

PAGE = 50
EVIDENCE = {"customer": "customer", "shared.activity_events": "activity log"}
"""What entries without a record are about: that a person was erased, that a month's time was over."""
WORDS = {**ACTS, "erased": "Erased", "retired": "Retired"}
_PLACE = re.compile(r"\A(\d{1,18})@(\d{4}-\d\d-\d\dT[\d:.]{8,15}\+00:00)\Z")


class ActivityFilter(forms.Form):
    """What is to be listed. Every field may be left empty."""

    kind = forms.ChoiceField(label="What", required=False)
    action = forms.ChoiceField(
        label="Act", required=False, choices=[("", "Any"), *((k, w) for k, w in WORDS.items())]
    )
    who = forms.CharField(label="Who", required=False, max_length=200, help_text="How the name begins.")
    since = forms.DateTimeField(
        label="From", required=False, widget=forms.DateTimeInput({"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label="To", required=False, widget=forms.DateTimeInput({"type": "datetime-local"})
    )
    request = forms.CharField(label="Request", required=False, max_length=64)
    record = forms.UUIDField(label="Record", required=False)
    actor = forms.UUIDField(required=False, widget=forms.HiddenInput)
    before = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: Any, kinds: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [("", "Everything"), *kinds]  # type: ignore[attr-defined]  # of a ChoiceField

    def clean_before(self) -> tuple[int, dt.datetime] | None:
        """The entry that the page before ended with: its position and time."""
        raw = self.cleaned_data["before"]
        found = _PLACE.match(raw)
        try:
            return (int(found[1]), dt.datetime.fromisoformat(found[2])) if found else None
        except ValueError:
            return None

    @property
    def narrowed(self) -> bool:
        """Whether it leaves anything out, but for pages before this one."""
        return any(value for name, value in self.cleaned_data.items() if name != "before")


@dataclass
class Act:
    """An entry, ready to be shown."""

    entry: Any
    word: str
    kind: str
    sealed: bool
    name: str = ""
    link: str = ""
    history: str = ""
    then: str = ""
    changes: list[Told] = field(default_factory=list)


def show_activity(site: AdminSite, request: HttpRequest, name: str) -> HttpResponse:
    """The page; inside a unit of the domain."""
    domain = next((each for each in domains() if each.name == name), None)
    if domain is None:
        raise Http404(f"There is no domain {name}.")
    if not serves(domain.name):
        base = settings.BASE_URLS.get(domain.name)
        if not base:
            raise Http404(f"{domain.title} is served elsewhere.")
        return redirect(f"{base}{request.get_full_path()}")
    kinds = kinds_shown(domain, request)
    if not kinds:
        raise PermissionDenied
    choices = [(kind, str(capfirst(model._meta.verbose_name))) for kind, model in kinds.items()]
    form = ActivityFilter(request.GET, sorted(choices, key=lambda choice: choice[1]))
    acts: list[Act] = []
    following = ""
    if form.is_valid():
        entries = list(_entries(domain, kinds, form, request)[: PAGE + 1])
        acts = list(_acts(site, entries[:PAGE], kinds, sealed_until(domain.name)))
        if len(entries) > PAGE:
            following = _address(
                request, before=f"{entries[PAGE - 1].position}@{entries[PAGE - 1].at.isoformat()}"
            )
    context = {
        **site.each_context(request),
        "title": f"Activity log: {domain.title}",
        "form": form,
        "acts": acts,
        "following": following,
        "first": _address(request) if form.is_valid() and form.cleaned_data["before"] else "",
        "all": request.path,
        "domain": domain,
    }
    return TemplateResponse(request, "backoffice/activity.html", context)


def kinds_shown(domain: Domain, request: HttpRequest) -> dict[str, type[models.Model]]:
    """The kinds of record of a domain that a person may see, by the log's word for them."""
    return {
        entity_type(model): model
        for model in remembering_models()
        if domain_of_model(model) == domain
        and request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")  # type: ignore[union-attr]
    }


def _entries(
    domain: Domain, kinds: dict[str, type[models.Model]], form: ActivityFilter, request: HttpRequest
) -> QuerySet[ActivityEvent]:
    asked = form.cleaned_data
    # Evidence is of whole persons and months: for administrators, who alone see tenants and keys.
    evidence = () if asked["kind"] or not request.user.has_perm("shared.view_tenant") else tuple(EVIDENCE)  # type: ignore[union-attr]
    wanted = Wanted(
        domain.name,
        [asked["kind"]] if asked["kind"] else [*kinds, *evidence],
        record_id=asked["record"],
        actor_id=asked["actor"],
        request_id=asked["request"],
        action=asked["action"],
        start=asked["since"],
        end=asked["until"],
    )
    rows = find_acts(wanted)
    if asked["who"]:
        rows = rows.filter(actor_name__istartswith=asked["who"])
    if asked["before"]:
        position, at = asked["before"]
        rows = rows.filter(at__lte=at).exclude(at=at, position__gte=position)
    return rows.defer("changes", "nonce", "leaf").annotate(said=Cast("changes", TextField()))


def _acts(
    site: AdminSite, entries: Sequence[Any], kinds: dict[str, type[models.Model]], sealed: int
) -> Iterable[Act]:
    """Names and references are read once for each kind."""
    shown: dict[str, _Kind] = {}
    for kind in {entry.entity_type for entry in entries} & kinds.keys():
        shown[kind] = _Kind(site, kinds[kind], [e for e in entries if e.entity_type == kind])
    for entry in entries:
        act = Act(entry, WORDS.get(entry.action, entry.action), "", sealed=entry.position <= sealed)
        if entry.entity_type in shown:
            shown[entry.entity_type].tell(act)
        else:
            act.kind = EVIDENCE.get(entry.entity_type, entry.entity_type)
        yield act


class _Kind:
    """The entries of one kind of record on a page."""

    def __init__(self, site: AdminSite, model: Any, entries: list[Any]) -> None:
        self.model = model
        self.fields = {f.column: f for f in told_fields(model)}
        self.changes = {e.position: self._changes(e) for e in entries}
        self.words = Words(
            model, site.empty_value_display, [c for some in self.changes.values() for c in some]
        )
        ids = {e.entity_id for e in entries}
        related = [
            f.name
            for f in model._meta.fields
            if isinstance(f, models.ForeignKey) and f.name != "organization"
        ]
        rows = model._base_manager.select_related(*related).filter(pk__in=ids)
        self.names = {row.pk: str(row) for row in rows}
        self.page = site._registry.get(model)

    def tell(self, act: Act) -> None:
        """Complete an act with what there is to say of its record."""
        entry, meta = act.entry, self.model._meta
        act.kind = str(meta.verbose_name)
        act.name = self.names.get(entry.entity_id, "")
        act.changes = list(self.words.of(self.changes[entry.position], created=entry.action == "created"))
        if self.page is None or not act.name:
            return
        try:
            base = f"admin:{meta.app_label}_{meta.model_name}"
            act.link = reverse(f"{base}_change", args=[entry.entity_id])
            act.history = reverse(f"{base}_history", args=[entry.entity_id])
            act.then = f"{act.link}?{urlencode({AS_OF: entry.at.isoformat()})}"
        except NoReverseMatch:
            return

    def _changes(self, entry: Any) -> list[FieldChange]:
        """In the order of the model's fields."""
        said = json.loads(entry.said, parse_float=Decimal)
        return [
            FieldChange(known, *(_value(known, value) for value in said[column]))
            for column, known in self.fields.items()
            if column in said
        ]


def _value(of: models.Field[Any, Any], value: Any) -> Any:
    """As Python has it."""
    if (
        value is None
        or isinstance(of, (models.JSONField, models.BinaryField))
        or isinstance(value, (list, dict))
    ):
        return value
    try:
        return of.to_python(value)
    except ValidationError:
        return value


def _address(request: HttpRequest, **more: str) -> str:
    """This page, from another entry on."""
    kept = {name: value for name, value in request.GET.items() if value and name != "before"}
    query = urlencode({**kept, **more})
    return f"{request.path}?{query}" if query else request.path


def address_of(domain: Domain) -> str:
    """The path of a domain's page, in whichever process."""
    return reverse("admin:activity", args=[domain.name])
