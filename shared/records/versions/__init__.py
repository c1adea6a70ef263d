"""Version tables: every record remembers what it was, who changed it, when and why.

django-simple-history brings model, registry, admin pages and API; triggers write the rows (``triggers.py``), so that no
path to a table escapes: ``save()``, ``bulk_update()``, ``queryset.update()``, cascades, COPY, psql.
"""
