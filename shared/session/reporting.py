"""What an error report may show of the settings."""

from __future__ import annotations

import re

from django.views.debug import SafeExceptionReporterFilter


class UrlHidingFilter(SafeExceptionReporterFilter):
    """Django's, which does not know that URLs of servers hold passwords (REDIS_URL, CACHES' LOCATION)."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|URL|DSN|LOCATION|BROKER", flags=re.IGNORECASE
    )
