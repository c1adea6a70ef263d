"""The stock project with django-simple-history."""

from bench.baselines.stock_drf.settings import *  # noqa: F403
from bench.baselines.stock_drf.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "simple_history", "bench.baselines.stock_history"]
