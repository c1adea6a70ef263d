"""The domains of this installation: each line makes a schema, a role, grants, policies and URLs."""

from shared.domains.registry import Domain

DOMAINS = (
    Domain(
        "platform",
        app="platform_core",
        schema="platform",
        title="Platform",
        reads=("support", "crm", "marketing"),
        api=("platform", "intelligence"),
        central=True,
    ),
    Domain(
        "support", app="support", schema="support_app", title="Support", reads=("platform",), api=("support",)
    ),
    Domain("crm", app="crm", schema="crm", title="Sales", reads=("platform",), api=("crm",)),
    Domain(
        "marketing",
        app="marketing",
        schema="marketing_app",
        title="Marketing",
        reads=("platform",),
        api=("marketing",),
    ),
)
