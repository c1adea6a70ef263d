"""Terms: the values of custom fields as texts that sort as the values do, so that one B-tree answers for all of them.

``ticket.size=n10242`` is the whole number 42 of a ticket's field ``size``. A letter tells the kind of value, so what a
field was never meant to hold lies outside of its range. JSONB's own operators, and those of ``numeric``, reach no index
under row-level security; comparing texts does (decision 0034). Triggers and filters use the same expressions, and the
server computes both, so that neither depends on how Python writes small letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.records.custom_fields.choices import FieldType

TABLE = "custom_field_terms"
TEXT, NUMBER, BOOLEAN = "t", "n", "b"
LONGEST_BEGINNING = 100
"""Characters of a text by which it can be looked for; all of it counts for equality."""

_KEPT, _WHOLE = 150, 200  # of a longer text: its beginning, and a hash for the rest
_KEY = "^[a-z][a-z0-9_]{0,62}$"
_DECIMAL = r"^-?[0-9]{1,28}(\.[0-9]{1,28})?$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"


def kind_of(type: FieldType) -> str:
    """The letter of the values of a type."""
    if type in (FieldType.NUMBER, FieldType.INTEGER):
        return NUMBER
    return BOOLEAN if type == FieldType.BOOLEAN else TEXT


def head(entity: str, key: str) -> str:
    """What all terms of a field begin with."""
    return f"{entity}.{key}="


def head_of_column(entity: str, column: str) -> str:
    """What the terms of a column begin with; no field is called so."""
    return f"{entity}.{column}:"


def text_form(value: str) -> str:
    """SQL: the form of a text, in any case. Times lose their Z: a fraction of a second comes after the whole one."""
    plain = f"lower(btrim({value}))"
    return (
        f"'{TEXT}' || CASE WHEN length({value}) > {_WHOLE} THEN left({plain}, {_KEPT}) || md5({plain}) "
        f"WHEN {value} ~ '{_MOMENT}' THEN lower(rtrim({value}, 'Z')) ELSE {plain} END"
    )


def number_form(value: str) -> str:
    """SQL: the form of a decimal number written out. Its length comes first; a negative one's digits are turned round."""
    whole = f"ltrim(split_part(ltrim({value}, '-'), '.', 1), '0')"
    digits = f"lpad(length({whole})::text, 2, '0') || {whole} || rtrim(split_part({value}, '.', 2), '0')"
    return (
        f"'{NUMBER}' || CASE WHEN {value} ~ '^-.*[1-9]' "
        f"THEN '0' || translate({digits}, '0123456789', '9876543210') || '~' ELSE '1' || {digits} END"
    )


def form(kind: str, value: str) -> str:
    """SQL: the form of a value of this kind, given as a text."""
    if kind == TEXT:
        return text_form(value)
    return number_form(value) if kind == NUMBER else f"'{BOOLEAN}' || {value}"


def select_terms(entity: str, rows: str, columns: Sequence[str] = ()) -> str:
    """SQL: tenant, record, its time and term of ``rows``, for each custom field and each of the decimal ``columns``.

    What no definition could hold makes no term. A text that is written like a number has both forms: whether it is one,
    the definition knows.
    """
    others = "".join(
        f"""
    UNION ALL SELECT n.organization_id, n.id, n.created_at,
      '{head_of_column(entity, column)}' || {number_form(f'n."{column}"::text')}
    FROM {rows} n WHERE n."{column}" IS NOT NULL"""
        for column in columns
    )
    return f"""
    SELECT n.organization_id, n.id AS record_id, n.created_at, '{entity}.' || f.key || '=' || s.form AS term
    FROM {rows} n
    CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(n.custom_fields) WHEN 'object' THEN n.custom_fields END) f
    CROSS JOIN LATERAL jsonb_array_elements(
      CASE jsonb_typeof(f.value) WHEN 'array' THEN f.value ELSE jsonb_build_array(f.value) END) e
    CROSS JOIN LATERAL (SELECT jsonb_typeof(e.value) AS kind, e.value #>> '{{}}' AS value) v
    CROSS JOIN LATERAL (VALUES
      (CASE v.kind WHEN 'string' THEN {text_form("v.value")} WHEN 'boolean' THEN '{BOOLEAN}' || v.value END),
      (CASE WHEN v.kind IN ('string', 'number') AND v.value ~ '{_DECIMAL}' THEN {number_form("v.value")} END)
    ) s (form)
    WHERE n.custom_fields <> '{{}}' AND f.key ~ '{_KEY}' AND s.form IS NOT NULL{others}"""
