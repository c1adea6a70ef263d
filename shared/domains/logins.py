"""Passwords of the database logins, derived so that every process computes the same without storing them."""

from __future__ import annotations

import hashlib
import hmac


def login_password(seed: str, login: str) -> str:
    """The password of the database login ``login`` under the installation's secret ``seed``."""
    return hmac.new(seed.encode(), login.encode(), hashlib.sha256).hexdigest()
