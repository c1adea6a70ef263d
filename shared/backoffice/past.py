"""Pages as of a date: ``?as_of=2026-05-01T12:00`` on any list and any record; what they show can only be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from shared.errors import Conflict, InvalidInput, NotFound
from shared.records.versions.past import PastMomentError, check_moment, has_past

AS_OF = "as_of"
_LIST = "_changelist_filters"
"""Where Django's admin keeps the list that one came from."""


def moment_of_page(request: HttpRequest, *, kept: bool) -> dt.datetime | None:
    """The moment that a page is asked for, in the zone of the back office where it names none; None for the present.

    ``kept``: its records have a past. Raises InvalidInput for one that cannot be read of, Conflict for a form that was
    sent from there.
    """
    raw = request.GET.get(AS_OF) or parse_qs(request.GET.get(_LIST, "")).get(AS_OF, [""])[0]
    if not raw:
        return None
    if not kept:
        raise InvalidInput(message="This page knows no past: leave out as_of.")
    if request.method != "GET":
        raise Conflict("What was cannot be changed: go back to today and change it there.")
    try:
        moment = parse_datetime(raw)
    except ValueError:
        moment = None
    if moment is None:
        raise InvalidInput(message="This is not a date and time: choose one, such as 2026-05-01 12:00.")
    try:
        return check_moment(moment if timezone.is_aware(moment) else timezone.make_aware(moment))
    except (PastMomentError, OverflowError):
        raise InvalidInput(message="The date has not come yet: choose one that has passed.") from None


@dataclass(frozen=True)
class LookBack:
    """What the bar above a list or record shows: the moment in force, and the way to another one and to today."""

    moment: dt.datetime | None
    others: list[tuple[str, str]]
    today: str

    @property
    def typed(self) -> str:
        """As an input of type datetime-local wants it."""
        return timezone.localtime(self.moment).strftime("%Y-%m-%dT%H:%M:%S") if self.moment else ""

    @property
    def latest(self) -> str:
        """The last moment that can be chosen."""
        return timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")


class PastMixin:
    """Lists and records as of a date. The unit of the page (``units.py``) reads the past; here nothing is offered that
    would change it."""

    model: Any

    list_before_template = "backoffice/look_back.html"

    def look_back(self, request: HttpRequest) -> LookBack | None:
        """For the bar of this page; None where records keep no past."""
        if not has_past(self.model._meta.db_table):
            return None
        others = [(k, v) for k, values in request.GET.lists() for v in values if k not in (AS_OF, "p", "e")]
        others = [(k, _without_moment(v) if k == _LIST else v) for k, v in others]
        query = urlencode(others)
        return LookBack(
            moment_in_force(request), others, f"{request.path}?{query}" if query else request.path
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        bar = {"look_back": self.look_back(request)}
        return super().changelist_view(request, {**(extra_context or {}), **bar})  # type: ignore[misc]

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        bar = {"look_back": self.look_back(request)} if object_id is not None else {}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **bar})  # type: ignore[misc]

    def get_actions(self, request: HttpRequest) -> Any:
        return {} if moment_in_force(request) else super().get_actions(request)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return not moment_in_force(request) and bool(super().has_add_permission(request, *args))  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not moment_in_force(request) and bool(super().has_change_permission(request, obj))  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not moment_in_force(request) and bool(super().has_delete_permission(request, obj))  # type: ignore[misc]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        moment = moment_in_force(request)
        if moment is not None:
            _say_not_there(opts, moment)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]


def moment_in_force(request: HttpRequest) -> dt.datetime | None:
    """The moment that the page's unit reads of, as ``units.py`` has noted it."""
    return getattr(request, "as_of", None)


def with_moment(url: str, request: HttpRequest) -> str:
    """The address, at the moment in force."""
    moment = moment_in_force(request)
    if moment is None:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode({AS_OF: moment.isoformat()})}"


def _say_not_there(opts: Any, moment: dt.datetime) -> NoReturn:
    when = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")
    raise NotFound(f"There was no such {opts.verbose_name} on {when}: it came later.")


def _without_moment(filters: str) -> str:
    return urlencode([(k, v) for k, several in parse_qs(filters).items() for v in several if k != AS_OF])
