"""Every duplicate is told by a field that people know and by what exists already."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError

from shared.api.database_errors import database_problem
from shared.records import TenantUnique
from tests.api.test_failures import failed

UNIQUE = {
    constraint.name: (model, constraint)
    for model in apps.get_models()
    for constraint in model._meta.constraints
    if isinstance(constraint, TenantUnique)
}


@pytest.mark.parametrize("name", UNIQUE)
def test_a_duplicate_is_told_in_the_words_of_its_model(name: str) -> None:
    model, constraint = UNIQUE[name]
    problem = database_problem(failed("23505", IntegrityError, constraint_name=name), "POST")
    assert problem is not None
    assert (problem.status, problem.code) == (409, "duplicate")
    assert problem.errors[0]["field"] == model._meta.get_field(constraint.error_field).attname
    assert not problem.errors[0]["field"].endswith("_norm")
    assert problem.detail == constraint.refusal(model)
    assert constraint.message or str(model._meta.verbose_name) in problem.detail


def test_the_words_of_a_company() -> None:
    model, constraint = UNIQUE["companies_name_key"]
    assert constraint.refusal(model) == "There is already a company with this name."
    model, constraint = UNIQUE["pipeline_stages_name_key"]
    assert constraint.refusal(model) == "There is already a pipeline stage with this pipeline and name."
