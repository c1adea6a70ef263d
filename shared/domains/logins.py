"""Passwords of the database logins, derived so that every process computes the same without storing them."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit


def login_password(seed: str, login: str) -> str:
    """The password of the database login ``login`` under the installation's secret ``seed``."""
    return hmac.new(seed.encode(), login.encode(), hashlib.sha256).hexdigest()


def login_url(url: str, login: str, seed: str) -> str:
    """The URL with which ``login`` signs in to the database of ``url``, under the installation's secret ``seed``."""
    parts = urlsplit(url)
    _, _, server = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{login}:{login_password(seed, login)}@{server}").geturl()
