from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shared.startdomain.registration import PlaceMissingError
from shared.startdomain.tree import Changes, StartDomainError, copy_of, differences, make, unmake
from shared.startdomain.words import RefusedNameError, Words, installed_words

NEXT = """\
Next:
  .venv/bin/python manage.py prepare_database && .venv/bin/python manage.py migrate_domains
  .venv/bin/python manage.py check_domains
  make test ARGS="tests/{app} tests/architecture"
`make run` does the first two. What to change now: docs/how-to/add-a-domain.md. To take it back while it is as it is now:
  .venv/bin/python manage.py startdomain {app} --remove"""

LEFT = """\
Databases that were migrated keep its tables, and their server its roles. To drop them, in each database:
  DROP SCHEMA {schema} CASCADE; DROP OWNED BY {role}, {role}_app;
and once, after the last: DROP ROLE {role}, {role}_app;"""


class Command(BaseCommand):
    help = (
        "Make a further domain: app with one entity, schema, role, login, API, page, demo, tests and documents. "
        "--remove takes it back as long as it is as it was made."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the domain, its app, queue, scopes and address: bookkeeping")
        parser.add_argument("--title", default="", help="as people read it (the name, if not given)")
        parser.add_argument("--schema", default="", help="PostgreSQL schema (the name, if not given)")
        parser.add_argument("--entity", default="entry", help="its first noun, in the singular (entry)")
        parser.add_argument("--plural", default="", help="of an irregular noun; also the table's name")
        parser.add_argument(
            "--dry-run", action="store_true", help="say which files would change, change none"
        )
        parser.add_argument("--remove", action="store_true", help="take back what the command made")

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        try:
            if options["remove"]:
                words = installed_words(options["name"])
                changes = self._removal(root, words)
            else:
                given = {name: options[name] for name in ("title", "schema", "entity", "plural")}
                words = Words.of(options["name"], **given)
                words.check()
                with copy_of(root) as copy:
                    make(copy, words)
                    changes = differences(root, copy)
        except (RefusedNameError, PlaceMissingError, StartDomainError) as error:
            raise CommandError(str(error)) from error
        if options["dry_run"]:
            self._list(root, changes)
            return
        changes.bring_over(root)
        after = LEFT if options["remove"] else NEXT
        self.stdout.write(
            f"{words.app}: {len(changes.written)} files written, {len(changes.gone)} removed.\n"
            + after.format(app=words.app, schema=words.schema, role=f"trellis_{words.app}")
        )

    def _removal(self, root: Path, words: Words) -> Changes:
        """What taking the domain back changes. Only what making it again would give back is taken away."""
        with copy_of(root) as copy:
            unmake(copy, words)
            changes = differences(root, copy)
            make(copy, words)
            grown = differences(root, copy)
        if grown:
            names = [*grown.written, *grown.gone]
            raise CommandError(
                f"{words.app} is no longer as startdomain made it ({', '.join(names[:5])}"
                f"{', …' if len(names) > 5 else ''}): take it back with git, which keeps your work."
            )
        return changes

    def _list(self, root: Path, changes: Changes) -> None:
        for name in changes.written:
            self.stdout.write(f"{'change' if (root / name).exists() else 'create'} {name}")
        for name in changes.gone:
            self.stdout.write(f"remove {name}")
        self.stdout.write("Nothing was changed.")
