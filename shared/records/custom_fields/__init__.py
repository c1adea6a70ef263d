"""What tenants add to their records: definitions, one table per domain schema, and the check of every value.

A domain subclasses ``CustomFieldDefinition`` and ``UniqueFieldValue`` in ``<app>/models/custom_field.py``. From then on
``save_checked`` accepts in ``custom_fields`` what the tenant has defined, and nothing else.
"""
