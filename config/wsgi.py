"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from shared.platform_client.connect import check_settings  # noqa: E402  # needs settings
from shared.session.login import check_at_start  # noqa: E402

check_at_start()
check_settings()
