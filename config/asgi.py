"""The live-stream process: streams only; pages and API are the web process's."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from shared.streams.application import application  # noqa: E402  # needs the settings

__all__ = ["application"]
