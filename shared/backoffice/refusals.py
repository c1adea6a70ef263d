"""What cannot be done, as a page with one sentence instead of a crash."""

from __future__ import annotations

import logging

from django.db import DataError, OperationalError
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from shared.domains.moving.follow import has_moved
from shared.domains.registry import home_domain
from shared.records.activity.refusals import note_refusal

log = logging.getLogger(__name__)

# SQLSTATE, or its class of two characters → status and sentence.
REFUSALS = {
    "42501": (
        403,
        "Not allowed",
        "The database does not let this page do that: its app does not own these records.",
    ),
    "23505": (
        409,
        "Already there",
        "Someone has just saved the same thing: go back, reload and look for it.",
    ),
    "23503": (
        409,
        "Still in use",
        "Something refers to this record, or what it refers to is gone: go back and reload.",
    ),
    "23": (409, "Not possible", "The record breaks a rule of its table: go back and correct what you typed."),
    "22": (400, "Not understood", "A value in the address or form cannot be read: go back and correct it."),
    "40": (503, "Busy", "Someone changed the same records at the same moment: go back and save again."),
    "55": (503, "Busy", "Someone else is changing this record: wait a moment, go back and save again."),
    "53300": (
        503,
        "Busy",
        "All connections to the database are in use: reload the page in a second.",
    ),
    "57014": (503, "Too slow", "This took too long and was stopped: narrow the list with search or filters."),
}
UNREACHABLE = (
    503,
    "Not available",
    "The database does not answer at the moment: reload the page in a minute.",
)


def show_refusal(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """A page that says what is the matter. It reads nothing from the database."""
    back = request.path if request.method == "POST" else reverse("admin:index")
    label = "Back to the form" if request.method == "POST" else "Go to the start page"
    context = {"title": title, "message": message, "status": status, "back": back, "back_label": label}
    page = render(request, "backoffice/refusal.html", context, status=status)
    if status == 503:
        page.headers["Retry-After"] = "1"
    return page


def refuse_database_error(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    """The page for an error of PostgreSQL; one that no page can be blamed for is raised again."""
    if has_moved(error):  # every address has the same answer to that: see handler500
        raise error
    state = getattr(error.__cause__, "sqlstate", None) or ""
    refusal = REFUSALS.get(state) or REFUSALS.get(state[:2])
    if refusal is None and isinstance(error, DataError):  # refused by the driver: it never got a SQLSTATE
        refusal = REFUSALS["22"]
    if refusal is None and isinstance(error, OperationalError):
        refusal = UNREACHABLE
    if refusal is None:
        raise error
    if state == "42501":
        staff = getattr(request, "staff", None)
        note_refusal(
            request,
            "refused_write",
            domain=home_domain().name,
            subject=request.path[:64],
            name=staff.actor.name if staff else "",
        )
    request_id = getattr(request, "request_id", "")
    log.warning(
        "page refused: %s %s sqlstate=%s request_id=%s", request.method, request.path, state, request_id
    )
    return show_refusal(request, *refusal)
