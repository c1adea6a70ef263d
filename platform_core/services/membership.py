"""Who works for a tenant. Each act keeps ``shared.user_profiles``, by which the tenant knows its people, in
step."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db import transaction

from platform_core.choices import Role
from platform_core.models import Membership
from platform_core.services.user import find_or_create_user
from shared.domains.registry import domains
from shared.errors import Conflict, InvalidInput, NotFound
from shared.tenancy.services import hide_user_profile, keep_user_profile


@transaction.atomic
def invite_member(
    *,
    email: str,
    name: str = "",
    password: str | None = None,
    role: str = Role.USER,
    domain_names: Collection[str] = (),
) -> Membership:
    """Let a person work for the tenant, who calls them ``name``; they are made when nobody has that e-mail
    (``password`` counts only then).

    Raises Conflict when they already do, InvalidInput for a bad e-mail, password, role or domain.
    """
    _check(role, domain_names)
    user, _ = find_or_create_user(email=email, name=name, password=password)
    membership: Membership | None = (
        Membership.all_objects.filter(user_id=user.pk).order_by("deleted_at").last()
    )
    if membership is not None and membership.deleted_at is None:
        taken = "This person already works here: change their role instead."
        raise Conflict(taken, errors={"email": taken})
    if membership is None:
        membership = Membership(user=user)
    else:
        membership.restore()
    membership.role, membership.domains = role, sorted(domain_names)
    membership.save()
    keep_user_profile(user_id=user.pk, name=name.strip(), email=user.email)
    return membership


@transaction.atomic
def change_membership(
    *, membership_id: uuid.UUID, role: str | None = None, domain_names: Collection[str] | None = None
) -> Membership:
    """Change what a person may do in the tenant. Raises Conflict for the last administrator."""
    membership = _locked(membership_id)
    _check(role or membership.role, domain_names or ())
    if role is not None and role != Role.ADMIN:
        _keep_an_administrator(membership)
    if role is not None:
        membership.role = role
    if domain_names is not None:
        membership.domains = sorted(domain_names)
    membership.save(update_fields=["role", "domains"])
    return membership


@transaction.atomic
def end_membership(*, membership_id: uuid.UUID) -> None:
    """The person no longer works for the tenant; their sessions lose it at once. Raises Conflict for the last
    administrator."""
    membership = _locked(membership_id)
    _keep_an_administrator(membership)
    membership.soft_delete()
    hide_user_profile(user_id=membership.user_id)


@transaction.atomic
def restore_membership(*, membership_id: uuid.UUID) -> Membership:
    """The person works for the tenant again, as before."""
    membership: Membership | None = (
        Membership.all_objects.select_related("user").filter(pk=membership_id).first()
    )
    if membership is None:
        raise NotFound("There is no such membership: check its identifier.")
    membership.restore()
    keep_user_profile(user_id=membership.user_id, email=membership.user.email)
    return membership


def _locked(membership_id: uuid.UUID) -> Membership:
    """Lock the tenant's memberships in one order, so that two administrators cannot dismiss each other at
    once."""
    list(Membership.objects.order_by("pk").select_for_update().values_list("pk"))
    membership: Membership | None = Membership.objects.filter(pk=membership_id).first()
    if membership is None:
        raise NotFound("There is no such membership: check its identifier.")
    return membership


def _keep_an_administrator(membership: Membership) -> None:
    if membership.role != Role.ADMIN:
        return
    if not Membership.objects.filter(role=Role.ADMIN).exclude(pk=membership.pk).exists():
        raise Conflict("A tenant needs an administrator: make somebody else one first.")


def _check(role: str, domain_names: Collection[str]) -> None:
    errors = {}
    if role not in Role.values:
        errors["role"] = f"Choose one of {', '.join(Role.values)}."
    if unknown := sorted(set(domain_names) - {domain.name for domain in domains()}):
        errors["domains"] = f"There is no domain {', '.join(unknown)}."
    if errors:
        raise InvalidInput(errors)
