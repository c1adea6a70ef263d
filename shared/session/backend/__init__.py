"""The database backend: PostgreSQL with schema-qualified tables; ENGINE = "shared.session.backend"."""
