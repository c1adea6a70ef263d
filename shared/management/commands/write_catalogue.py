from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shared.catalogue import PAGES

FOLDER = Path("docs") / "catalogue"


class Command(BaseCommand):
    help = "Write docs/catalogue from models, registry and endpoints; --check only says what is out of date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit 1 if a page is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / FOLDER
        stale = []
        for name, page in PAGES.items():
            path, text = folder / name, page()
            if path.is_file() and path.read_text() == text:
                continue
            stale.append(str(FOLDER / name))
            if not options["check"]:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        if stale and options["check"]:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run manage.py write_catalogue.")
        self.stdout.write(f"Written: {', '.join(stale)}." if stale else "The catalogue is up to date.")
