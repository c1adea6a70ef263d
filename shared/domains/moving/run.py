"""``manage.py split_domain``: checks, then the steps of move.py in order, from wherever they were cut off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from psycopg import sql

from shared.domains.ledger import newest_of, read_ledgers
from shared.domains.moving import capture, copying, target
from shared.domains.moving.environment import announce, write_url
from shared.domains.moving.errors import MoveError
from shared.domains.moving.follow import use_databases
from shared.domains.moving.move import Move, Report
from shared.domains.moving.places import Place, owner_connection, place_of, read_place
from shared.domains.moving.tables import Connection, read_tables, tenancy_tables, tenant_schemas
from shared.domains.provision import connect_if_there, prepare_database
from shared.domains.registry import OWNER_ROLE, Domain, domains
from shared.domains.router import alias_of, has_tenant_schema

Say = Callable[[str], None]


def move_domain(
    domain: Domain,
    to: str,
    *,
    seed: str,
    environment_files: Sequence[Path] = (),
    abandon: bool = False,
    say: Say = lambda _: None,
) -> Report:
    """Move a domain to the database of ``to``, the URL of a login that may create roles there.

    ``environment_files`` get the new URL; processes that read theirs from such a file follow by themselves. The same
    call takes a move up again that was cut off. ``abandon`` undoes one instead. Raises MoveError, ProvisionError,
    StillLockedError: writers then go on in the source.
    """
    wanted = read_place(to)
    source, arriving = _find_source(domain, wanted)
    _refuse_another_move(domain, source, wanted, seed)
    if not arriving:
        if abandon:
            raise MoveError(f"No move of {domain.name} to {wanted.public} is under way.")
        _refuse_rows(domain, wanted, to)
    living = (*(d for d in _living_at(wanted) if d != domain), domain)
    moved = _has_switched(domain, source, seed)
    if abandon and moved:
        raise MoveError(
            f"{domain.name} has switched to {wanted.public} already: run the command without --abandon, which finishes "
            f"the move; then it can come back with --to {source.public}, with a login."
        )
    if not abandon and not moved:
        _prepare_target(domain, wanted, source, to, living, seed, say, again=arriving)
    move = Move(domain, source, wanted, living, say, seed)
    if not arriving:
        capture.end_capture(
            move.target, domain.name
        )  # what an earlier move, from there, was killed before tidying
    try:
        if moved:
            _write(move, wanted, environment_files)
            move.finish_opening()
        else:
            if arriving:  # killed at the switch: who follows the files goes to the source as long as it holds
                _write(move, source, environment_files)
            if abandon:
                move.abandon()
                return move.report
            say("Copying")
            move.copy()
            say("Comparing")
            move.verify()
            _switch(move, environment_files)
        for path in environment_files:
            announce(path)
        move.clean_up()
        return move.report
    finally:
        move.close()


def _has_switched(domain: Domain, source: Place, seed: str) -> bool:
    """Whether the source has given its tables up."""
    with owner_connection(source, seed) as connection:
        return "moved" in capture.steps_of(connection, domain.name)


def _switch(move: Move, environment_files: Sequence[Path]) -> None:
    """The files are written in the deciding transaction, at its end: who is refused in the source must find the new URL
    there, and who starts before must not."""
    try:
        move.cut_over(lambda: _write(move, move.target_place, environment_files))
    except Exception:
        if "moved" not in capture.steps_of(move.source, move.domain.name):
            _write(move, move.source_place, environment_files)
        raise


def _write(move: Move, place: Place, environment_files: Sequence[Path]) -> None:
    for path in environment_files:
        write_url(path, move.domain, place, move.seed)


def _find_source(domain: Domain, wanted: Place) -> tuple[Place, bool]:
    """Where the domain is, and whether its rows are on their way to ``wanted`` already.

    When a move was cut off after the environment had got the new URL, the target says where its rows come from.
    """
    here = place_of(settings.DATABASES[alias_of(domain.name)])
    mark = ""
    if (connection := connect_if_there(wanted.url)) is not None:
        with connection:
            mark = target.mark_of(connection, domain.schema) or ""
    if mark.startswith((target.MARK, target.OPENED)):
        origin = mark.removeprefix(target.MARK).removeprefix(target.OPENED)
        return read_place(origin.replace("://", "://x:x@")), True
    if here.same_as(wanted):
        raise MoveError(f"{domain.name} lives in {wanted.public} already: there is nothing to move.")
    return here, False


def _refuse_another_move(domain: Domain, source: Place, wanted: Place, seed: str) -> None:
    with owner_connection(source, seed) as connection:
        under_way = capture.steps_of(connection, domain.name).get("target", wanted.public)
        if (target.mark_of(connection, domain.schema) or "").startswith(target.MARK):
            under_way = source.public  # the files name it already, but its rows are still arriving
        if under_way != wanted.public:
            raise MoveError(
                f"A move of {domain.name} to {under_way} is half done: finish it with "
                f"--to that database, or undo it with --abandon."
            )


def _refuse_rows(domain: Domain, wanted: Place, to: str) -> None:
    """The target may hold other domains, but no rows of this one."""
    connection = connect_if_there(to)
    if connection is None:
        return
    with connection:
        if not connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [domain.schema]).rowcount:
            return
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER_ROLE)))
        if not target.is_empty(connection, read_tables(connection, [domain.schema], domain=domain)):
            raise MoveError(
                f"The database {wanted.public} already holds rows of {domain.name}: name an empty one, or remove "
                f"the schema {domain.schema} there if its rows are no longer needed."
            )


def _living_at(place: Place) -> list[Domain]:
    return [d for d in domains() if place_of(settings.DATABASES[alias_of(d.name)]).same_as(place)]


def _prepare_target(
    domain: Domain,
    wanted: Place,
    source: Place,
    to: str,
    living: Sequence[Domain],
    seed: str,
    say: Say,
    *,
    again: bool,
) -> None:
    """Roles, schemas, migrations, tenants, partitions and tenants' own schemas in the target.

    Not ``again`` the roles' way into the schemas: they are closed while rows arrive.
    """
    if not again:
        prepare_database(to, seed=seed, living=living, say=say)
    databases = {**settings.DATABASES, domain.name: _migrations_database(wanted, seed)}
    before = settings.DATABASES
    use_databases(databases)
    try:
        call_command("migrate", database=domain.name, verbosity=0, hold=True)
        with owner_connection(source, seed) as here, owner_connection(wanted, seed) as there:
            copying.copy_tenancy(here, there, tenancy_tables(here), exact=False)
            if has_tenant_schema(domain.name):
                _make_tenant_schemas(domain, here)
    finally:
        use_databases(before)


def _make_tenant_schemas(domain: Domain, source: Connection) -> None:
    """As far as each is in the source: the rollouts go on from there."""
    from shared.tenancy.models import Tenant
    from shared.tenancy.schemas import make_schema, newest_migrations

    there = tenant_schemas(source)
    for tenant in Tenant.objects.using(domain.name):
        if tenant.schema_name in there:
            with source.cursor() as cursor:
                targets = newest_of(read_ledgers(cursor, [tenant.schema_name])) or newest_migrations()
            make_schema(tenant, targets, alias=domain.name)


def _migrations_database(place: Place, seed: str) -> dict[str, object]:
    from shared.domains.registry import MIGRATION_LOGIN

    login = place.as_login(MIGRATION_LOGIN, seed)
    return {
        **settings.DATABASES["default"],
        "HOST": login.host,
        "PORT": login.port,
        "NAME": login.name,
        "USER": login.user,
        "PASSWORD": login.password,
    }
