"""The suite; it mirrors the source."""

import pytest

pytest.register_assert_rewrite("tests.bases")
