"""Settings, from the environment (see base.py for every variable)."""

from config.settings.base import *  # Django's settings are a module of names
