"""Writes of tenants, hostnames, keys and profiles.

All but ``create_tenant`` run in the caller's unit, which acts as the central domain for the tenant.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Collection, Sequence
from typing import Final

from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from shared.domains.registry import central_domain
from shared.errors import Conflict, InvalidInput
from shared.records import uuid7
from shared.records.saving import save_checked
from shared.records.texts import refusal_of_text
from shared.session import acting
from shared.tenancy.choices import TenantStatus
from shared.tenancy.keys import make_key
from shared.tenancy.models import ApiKey, Tenant, TenantDomain, UserProfile
from shared.tenancy.scopes import scope_choices
from shared.tenancy.selectors import get_api_key

DEFAULT_OVERLAP: Final = dt.timedelta(hours=24)
"""How long the old key still works after a rotation."""

_SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOSTNAME: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)


def create_tenant(
    *, name: str, slug: str = "", hostnames: Sequence[str] = (), plan: str = "standard"
) -> Tenant:
    """Create a tenant with its hostnames, the first of them primary.

    Opens a unit of its own for the new identifier: row-level security lets nobody write another tenant's row.
    Raises InvalidInput for a name, slug or hostname that cannot be, Conflict for one that is taken.
    """
    name, slug = name.strip(), slug.strip().lower() or slugify(name)
    errors: dict[str, str] = {}
    if not name or len(name) > 200:
        errors["name"] = "Give a name of at most 200 characters."
    elif refusal := refusal_of_text(name, line=True):
        errors["name"] = refusal
    if not _SLUG.fullmatch(slug):
        errors["slug"] = "Use up to 63 lower-case letters, digits and hyphens."
    if errors:
        raise InvalidInput(errors)
    identifier = uuid7()
    with acting(domain=central_domain().name, organization=identifier):
        tenant = Tenant(id=identifier, name=name, slug=slug, plan=plan)
        try:
            with transaction.atomic():
                tenant.save(verbosity=0)
        except IntegrityError as error:
            taken = f"The short name {slug!r} is taken: choose another."
            raise Conflict(taken, errors={"slug": taken}) from error
        for position, hostname in enumerate(hostnames):
            add_hostname(tenant=tenant, hostname=hostname, primary=position == 0)
    return tenant


@transaction.atomic
def add_hostname(*, tenant: Tenant, hostname: str, primary: bool = False) -> TenantDomain:
    """Give the tenant a hostname. Raises InvalidInput for a malformed one, Conflict for one that is taken."""
    hostname = hostname.strip().lower().rstrip(".")
    if not _HOSTNAME.fullmatch(hostname):
        raise InvalidInput({"domain": "Give a hostname such as support.example.com, without port or path."})
    domain = TenantDomain(tenant=tenant, domain=hostname, is_primary=primary)
    try:
        with transaction.atomic():
            domain.save()
    except IntegrityError as error:
        taken = f"The hostname {hostname} is taken: choose another."
        raise Conflict(taken, errors={"domain": taken}) from error
    return domain


@transaction.atomic
def remove_hostname(*, hostname: TenantDomain) -> None:
    """Take a hostname from its tenant; from then on it is unknown."""
    hostname.delete()


@transaction.atomic
def set_tenant_status(*, tenant: Tenant, status: TenantStatus) -> Tenant:
    """Suspend a tenant, or make it active again. Nothing of it is changed or lost."""
    tenant.status = status
    tenant.save(update_fields=["status"], verbosity=0)
    return tenant


@transaction.atomic
def issue_api_key(
    *,
    name: str,
    scopes: Collection[str] = (),
    rate_limit: int = 600,
    expires_at: dt.datetime | None = None,
    rotated_from: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for a service; returns it and its text, which is stored nowhere and can never be shown
    again.

    Raises InvalidInput for an empty name, an unknown scope, a limit below 1 or an expiry in the past.
    """
    errors: dict[str, str] = {}
    known = [scope for scope, _ in scope_choices()]
    if not name.strip():
        errors["name"] = "Name the service that will use the key."
    elif refusal := refusal_of_text(name, line=True):
        errors["name"] = refusal
    if unknown := sorted(set(scopes) - set(known)):
        errors["scopes"] = f"There is no scope {', '.join(unknown)}: choose among {', '.join(known)}."
    if rate_limit < 1:
        errors["rate_limit"] = "Allow at least one call per minute."
    if expires_at is not None and expires_at <= timezone.now():
        errors["expires_at"] = "Choose a time that is still to come, or none."
    if errors:
        raise InvalidInput(errors)
    made = make_key()
    key = ApiKey(
        name=name.strip(),
        prefix=made.prefix,
        digest=made.digest,
        scopes=[scope for scope in known if scope in set(scopes)],
        rate_limit=rate_limit,
        expires_at=expires_at,
        rotated_from_id=rotated_from.pk if rotated_from else None,
    )
    key.save()
    return key, made.raw


@transaction.atomic
def rotate_api_key(*, key_id: uuid.UUID, overlap: dt.timedelta = DEFAULT_OVERLAP) -> tuple[ApiKey, str]:
    """Make a successor with the same rights; the old key works for ``overlap`` more.

    Raises NotFound, Conflict when the key no longer works, InvalidInput for a negative overlap.
    """
    if overlap < dt.timedelta(0):
        raise InvalidInput({"overlap": "Give a time of 0 hours or more."})
    old = _locked(key_id)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= timezone.now()):
        raise Conflict("This key has been revoked, rotated or has expired: make a new one instead.")
    key, raw = issue_api_key(
        name=old.name,
        scopes=old.scopes,
        rate_limit=old.rate_limit,
        expires_at=old.expires_at,
        rotated_from=old,
    )
    _end(old, after=overlap)
    return key, raw


@transaction.atomic
def revoke_api_key(*, key_id: uuid.UUID) -> ApiKey:
    """End a key now; a key that has ended stays as it was. Raises NotFound."""
    key = _locked(key_id)
    if key.revoked_at is None or key.revoked_at > timezone.now():
        _end(key)
    return key


@transaction.atomic
def keep_user_profile(*, user_id: uuid.UUID, email: str, name: str = "") -> UserProfile:
    """Bring the tenant's profile of a person in step, also one that was hidden before.

    Without a ``name`` it keeps the one that it has; a new one shows the e-mail, since what others call the
    person is not this tenant's to know."""
    profile: UserProfile | None = (
        UserProfile.all_objects.filter(user_id=user_id).order_by("deleted_at").last()
    )
    if profile is None:
        return save_checked(UserProfile(user_id=user_id, name=name or email, email=email))
    if profile.deleted_at is not None:
        profile.restore()
    return save_checked(profile, {"name": name or profile.name, "email": email})


@transaction.atomic
def rename_user_profile(*, profile: UserProfile, name: str) -> UserProfile:
    """Change what this tenant calls a person. Raises InvalidInput for an empty name."""
    return save_checked(profile, {"name": name.strip()})


@transaction.atomic
def hide_user_profile(*, user_id: uuid.UUID) -> None:
    """Hide the tenant's profile of a person who no longer works for it."""
    for profile in UserProfile.objects.filter(user_id=user_id):
        profile.soft_delete()


def _locked(key_id: uuid.UUID) -> ApiKey:
    list(ApiKey.objects.filter(pk=key_id).select_for_update().values_list("pk"))
    return get_api_key(key_id)


def _end(key: ApiKey, *, after: dt.timedelta = dt.timedelta(0)) -> None:
    """End a key by the clock of the database, which is the one that the look-up of keys goes by."""
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=TransactionNow() + after)
    key.refresh_from_db(fields=["revoked_at", "version", "updated_at"])
