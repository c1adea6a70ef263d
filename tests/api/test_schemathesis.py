"""Generated requests to every operation of the OpenAPI document: no server error, no undocumented answer.

``SCHEMATHESIS_EXAMPLES`` sets how many per operation; the few of an ordinary run keep the suite quick.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from pytest_django.plugin import DjangoDbBlocker
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.domains import domains
from tests.bases.callers import ApiCaller, make_caller
from tests.conftest import make_tenant

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def caller(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[ApiCaller]:
    """A key that may do everything for a tenant of its own; what it writes stays."""
    with django_db_blocker.unblock():
        scopes = [f"{d.name}:{verb}" for d in domains() for verb in ("read", "write")]
        yield make_caller(make_tenant("Fuzz"), *scopes, rate_limit=1_000_000)


DOCUMENT = SchemaGenerator().get_schema(request=None, public=True)
SCHEMA = schemathesis.openapi.from_dict(orjson.loads(orjson.dumps(DOCUMENT)))
SCHEMA.app = get_wsgi_application()
OPERATIONS = {
    f"{found.ok().method.upper()} {found.ok().path}": found.ok() for found in SCHEMA.get_all_operations()
}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_documented(name: str, mode: GenerationMode, caller: ApiCaller) -> None:
    operation = OPERATIONS[name]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            _use_rows_that_are_there(case, caller)
        answer = case.call(headers={"Authorization": f"Bearer {caller.raw_key}"})
        case.validate_response(answer, checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:
        pytest.skip("nothing about this operation can be wrong")


def _use_rows_that_are_there(case: Any, caller: ApiCaller) -> None:
    """Put the identifier of an existing row into the path, where the list has one, so that more than 404 is seen."""
    path = case.operation.path
    for name in [n for n in ("ticket_id", "id") if f"{{{n}}}" in path]:
        collection = path.partition(f"/{{{name}}}")[0].format(**case.path_parameters)
        answer = caller.get(f"{collection}?limit=1&fields=id")
        if answer.status_code == 200 and answer.json()["results"]:
            case.path_parameters[name] = answer.json()["results"][0]["id"]
