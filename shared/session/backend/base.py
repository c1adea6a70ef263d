"""The connection: django-tenants' wrapper, with the search path set where it belongs.

django-tenants sets ``search_path`` at session level before every cursor, and a pool hands it to the next user
together with the connection. Here the path is one of the facts that ``acting`` sets for the transaction.
Only the connection of migrations (``"MIGRATIONS": True`` in its settings) obeys ``set_tenant`` and
``set_schema``, as ``migrate_schemas`` expects, and tells the server once a change.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.features import DatabaseFeatures as PostgreSQLFeatures
from django.db.utils import NotSupportedError
from django_tenants.postgresql_backend import base as django_tenants_base

from shared.session.backend.introspection import DatabaseIntrospection
from shared.session.backend.operations import DatabaseOperations
from shared.session.backend.schema import DatabaseSchemaEditor


class DatabaseFeatures(PostgreSQLFeatures):
    minimum_database_version = (15,)


class DatabaseWrapper(django_tenants_base.DatabaseWrapper):
    """A connection to PostgreSQL 15 or newer whose tables may carry their schema in ``db_table``.

    Keys of the settings beside Django's:

    - ``MIGRATIONS``: whether ``set_tenant`` and ``set_schema`` change the search path (default: no);
    - ``ON_TABLE_CREATED``: dotted path of a function ``(schema_editor, model)`` called when a table was
      created or came into another schema; None for none (default: the kit's protection).
    """

    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    schema_name: str
    include_public_schema: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # django-tenants puts its own here, which changes the session's search path for every look-up.
        self.introspection = DatabaseIntrospection(self)

    @property
    def home_schema(self) -> str | None:
        """The schema of unqualified names, or None where the server's search path decides."""
        return self.schema_name if self.settings_dict.get("MIGRATIONS") else None

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Work in a tenant's schema from now on; only remembered unless this is the migrations' connection.

        Unlike in django-tenants, content types stay cached: they live in ``public``, one set for all.
        """
        if (tenant.schema_name, include_public) != (self.schema_name, self.include_public_schema):
            self.search_path_set_schemas = None
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(tenant.schema_name)
        if django_tenants_base.EXTRA_SET_TENANT_METHOD:
            django_tenants_base.EXTRA_SET_TENANT_METHOD(self, tenant)

    def _handle_search_path(self, cursor: Any = None) -> None:
        # What has been said holds until it is forgotten on close, on a change of schema, or on rollback, when
        # PostgreSQL takes a SET back with its transaction.
        if self.settings_dict.get("MIGRATIONS") and not self.search_path_set_schemas:
            super()._handle_search_path(cursor)

    def check_database_version_supported(self) -> None:
        # libpq knows the version from the handshake: no query.
        major, minor = self.get_database_version()
        if (major, minor) < self.features.minimum_database_version:
            needed = self.features.minimum_database_version[0]
            raise NotSupportedError(
                f"Trellis needs PostgreSQL {needed} or newer, but the server of database {self.alias!r} is "
                f"PostgreSQL {major}.{minor}: upgrade it, or point the database's URL to a newer one."
            )
