"""People who sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from platform_core.models import Membership, User
from shared.domains.registry import central_domain
from shared.errors import InvalidInput
from shared.session import acting
from shared.tenancy.services import keep_user_profile


def find_or_create_user(*, email: str, name: str = "", password: str | None = None) -> tuple[User, bool]:
    """The person with this e-mail, made if there is none; and whether they were made.

    People are found across tenants, so this acts without one. Name and password are those of a new person
    only: who invites somebody that works for others too may not change how that person signs in."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput({"email": "Give an e-mail address such as ada@example.com."}) from error
    with acting(domain=central_domain().name, organization=None):
        user = User.objects.filter(email_norm=email.lower()).first()
        if user is not None:
            return user, False
        if password is not None:
            check_password_rules(password, User(email=email, name=name))
        return User.objects.create_user(email, password, name=name.strip()), True


def check_password_rules(password: str, user: Any) -> None:
    """Raise InvalidInput when a password breaks a rule."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput({"password": error.messages}) from error


@transaction.atomic
def rename_user(*, user: User, name: str) -> User:
    """Change a person's name, in the tenant's copy too."""
    user.name = name.strip()
    user.save(update_fields=["name"])
    if Membership.objects.filter(user_id=user.pk).exists():
        keep_user_profile(user_id=user.pk, name=str(user), email=user.email)
    return user


@transaction.atomic
def set_password(*, user: User, password: str) -> User:
    """Give a person a new password; every session of theirs ends. Raises InvalidInput when it breaks a
    rule."""
    check_password_rules(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user
