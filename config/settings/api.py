"""Settings of the API: Django REST framework and its OpenAPI document."""

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "shared.api.openapi.Schema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trellis",
    "DESCRIPTION": (
        "One golden customer record for support, sales and marketing.\n\n"
        "Sign in with `Authorization: Bearer <API key>`. Errors are problem documents (RFC 9457) that name each "
        "field. Lists are paged by `cursor`; `fields` and `expand` shape an answer. `Idempotency-Key` makes a POST "
        "safe to repeat, `If-Match` a change safe from overwriting another's."
    ),
    "VERSION": "0.1.0",
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,  # ?fields= may leave out any of them
    "POSTPROCESSING_HOOKS": [],  # choices are written where they are used: no made-up names for them
    "SORT_OPERATION_PARAMETERS": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "validatorUrl": None},
    "REDOC_DIST": "SIDECAR",
}
