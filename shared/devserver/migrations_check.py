"""`make migrations-check`: models and migrations agree, and no migration holds a lock for long.

Unlike its neighbours it needs Django, and the embedded servers of the tests for quoting as PostgreSQL does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from shared.devserver.environment import LOGINS
from shared.devserver.refusal import Refusal
from shared.devserver.services import Services
from shared.domains.logins import login_url

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = "tests"  # the test servers' own: roles belong to the server, and the suite uses the same


def write_sql(folder: Path) -> tuple[list[Path], list[Path]]:
    """Write what each of the project's migrations sends to the server, a file for each: those that begin an
    app, before which none of its tables exist, and the later ones."""
    import django
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    loader = MigrationLoader(connection, replace_migrations=False)
    installed = Path(django.__file__).parents[1]
    own = {
        config.label for config in apps.get_app_configs() if not Path(config.path).is_relative_to(installed)
    }
    first: list[Path] = []
    later: list[Path] = []
    for app, name in loader.disk_migrations:
        if app not in own:
            continue
        migration = loader.graph.nodes[(app, name)]
        text = "\n".join(loader.collect_sql([(migration, False)])) + "\n"
        file = folder / f"{app}-{name}.sql"
        file.write_text(f"BEGIN;\n{text}COMMIT;\n" if migration.atomic else text)
        (first if (app, name) in loader.graph.root_nodes(app) else later).append(file)
    return first, later


def check() -> int:
    """Run both checks; returns the exit code."""
    with Services(ROOT / ".dev" / "test", durable=False) as urls:
        bootstrap = urls.bootstrap_database_url.removesuffix("/postgres") + "/trellis_migrations_check"
        os.environ.update(
            {
                "TRELLIS_ENV_FILE": os.devnull,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "TRELLIS_PROCESS": "migrations",
                "SECRET_KEY": "migrations-check-" * 4,
                "API_KEY_PEPPER": "migrations-check",
                "LOGIN_PASSWORD_SEED": SEED,
                "BOOTSTRAP_DATABASE_URL": bootstrap,
                "REDIS_URL": urls.redis_url,
                **{name: login_url(bootstrap, login, SEED) for name, login in LOGINS.items()},
            }
        )
        manage = (sys.executable, "manage.py")
        subprocess.run((*manage, "prepare_database"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        if subprocess.run((*manage, "makemigrations", "--check", "--dry-run"), cwd=ROOT).returncode:
            print("Models have changed without a migration: run `.venv/bin/python manage.py makemigrations`.")
            return 1
        with tempfile.TemporaryDirectory() as folder:
            first, later = write_sql(Path(folder))
            # Django adds the foreign keys of tables that it has just created as columns of their own.
            passed = [lint(first, "adding-required-field"), lint(later)]
    if not all(passed):
        return 1
    print(f"{len(first) + len(later)} migrations agree with the models and lock nothing for long.")
    return 0


def lint(files: list[Path], *excluded: str) -> bool:
    """Whether squawk finds nothing in ``files``; it prints what it finds."""
    configuration = ROOT / ".squawk.toml"  # an option would replace its list
    rules = [*tomllib.loads(configuration.read_text())["excluded_rules"], *excluded]
    squawk = Path(sys.executable).with_name("squawk")
    command = [
        str(part) for part in (squawk, "--config", configuration, f"--exclude={','.join(rules)}", *files)
    ]
    return not files or subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    try:
        sys.exit(check())
    except Refusal as refusal:
        sys.exit(str(refusal))
    except subprocess.CalledProcessError as failure:
        sys.exit(f"{' '.join(map(str, failure.cmd[1:]))} failed (exit code {failure.returncode}).")
