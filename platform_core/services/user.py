"""People who sign in. An account is its person's own: what a tenant calls them is its profile of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from platform_core.models import User
from shared.domains.registry import central_domain
from shared.errors import InvalidInput
from shared.session import acting


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


def set_password(*, user: User, password: str) -> User:
    """Give a person a new password; every session of theirs ends. Raises InvalidInput when it breaks a
    rule.

    It is theirs wherever they work, so this acts for no tenant."""
    check_password_rules(password, user)
    with acting(domain=central_domain().name, organization=None):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user
