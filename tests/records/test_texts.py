"""What a text must be before it is kept."""

from __future__ import annotations

import pytest

from shared.records.texts import BLANK, TURNED, refusal_of_text, tidy_line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada",
        " Ada ",
        "می\u200cخواهم",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "עברית\u200f",
        "e\u0301",
        "\U0001fae8",
        "1\ufe0f\u20e3",
    ],
)
def test_what_people_write_is_kept(text: str) -> None:
    assert refusal_of_text(text, line=True) is None
    assert tidy_line(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\u00a0",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u202e",
        "\u2066\u2069",
        " \u200b\t",
        "\u3164",
        "\u2800",
        "\u0301",
    ],
)
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert refusal_of_text(text, line=True) == BLANK
    assert refusal_of_text(text, line=False) == BLANK
    assert tidy_line(text) == ""


@pytest.mark.parametrize("sign", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
def test_a_line_may_not_turn_its_direction_and_a_longer_text_may(sign: str) -> None:
    assert refusal_of_text(f"Invoice {sign}gnp.exe", line=True) == TURNED
    assert refusal_of_text(f"She said {sign}שלום", line=False) is None
    assert tidy_line(f"Ada{sign} Lovelace") == "Ada Lovelace"
