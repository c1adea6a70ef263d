#!/usr/bin/env python3
"""Trellis' command line: `manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed for this Python: run `make run` once, then use .venv/bin/python manage.py …"
        )
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from shared.domains.registry import DomainNotServedError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        sys.exit(f"The database does not answer ({reason}): start it, or correct DATABASE_URL.")
    except (ImproperlyConfigured, DomainNotServedError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
