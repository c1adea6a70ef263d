"""The back office: the admin site, and the base classes of its pages (see README.md).

Import `RecordAdmin` from `shared.backoffice.record`, the inlines from `shared.backoffice.inlines`.
"""
