"""The generated catalogue tells what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from shared.catalogue import PAGES

FOLDER = Path(settings.BASE_DIR) / "docs" / "catalogue"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_catalogue_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text() == PAGES[name](), "run manage.py write_catalogue"


def test_nothing_lies_in_the_catalogue_that_nobody_writes() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)
