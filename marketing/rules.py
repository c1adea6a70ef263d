"""The language of segment rules: its shape as a JSON schema, and what a tree refers to.

A tree is one of::

    {"all": [tree, …]}                 every part holds
    {"any": [tree, …]}                 at least one part holds
    {"not": tree}                      the part does not hold
    {"segment": "<id>"}                the customer is in another segment
    {"field": "profile.interaction_count", "op": "gte", "value": 3}

Nothing here touches the database; turning a tree into a query comes with the audience engine.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

MAX_DEPTH = 12
MAX_NODES = 300

SUBJECTS = ("customer", "company", "profile", "archetype", "tier", "behaviour", "consent", "event", "custom")
"""What the first part of a field's name may be."""

COMPARISONS = ("eq", "ne", "lt", "lte", "gt", "gte")
SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"], "maxLength": 500}

_CONDITION = {
    "type": "object",
    "required": ["field", "op"],
    "additionalProperties": False,
    "properties": {
        "field": {
            "type": "string",
            "maxLength": 100,
            "pattern": rf"^({'|'.join(SUBJECTS)})(\.[a-z][a-z0-9_]*)*$",
        },
        "op": {"enum": [*COMPARISONS, "in", "not_in", "exists", "missing", "within_days"]},
        "value": True,
    },
    "allOf": [
        {
            "if": {"properties": {"op": {"enum": list(COMPARISONS)}}},
            "then": {"required": ["value"], "properties": {"value": SCALAR}},
        },
        {
            "if": {"properties": {"op": {"enum": ["in", "not_in"]}}},
            "then": {
                "required": ["value"],
                "properties": {"value": {"type": "array", "items": SCALAR, "minItems": 1, "maxItems": 500}},
            },
        },
        {
            "if": {"properties": {"op": {"const": "within_days"}}},
            "then": {
                "required": ["value"],
                "properties": {"value": {"type": "integer", "minimum": 1, "maximum": 3650}},
            },
        },
        {
            "if": {"properties": {"op": {"enum": ["exists", "missing"]}}},
            "then": {"not": {"required": ["value"]}},
        },
    ],
}


def _only(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name],
        "additionalProperties": False,
        "properties": {name: value},
    }


_PARTS = {"type": "array", "items": {"$ref": "#/$defs/tree"}, "minItems": 1, "maxItems": 100}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Rules of a segment",
    "$ref": "#/$defs/tree",
    "$defs": {
        "tree": {
            "oneOf": [
                _only("all", _PARTS),
                _only("any", _PARTS),
                _only("not", {"$ref": "#/$defs/tree"}),
                _only("segment", {"type": "string", "format": "uuid", "pattern": "^[0-9a-fA-F-]{32,36}$"}),
                {"$ref": "#/$defs/condition"},
            ]
        },
        "condition": _CONDITION,
    },
}


def find_rule_errors(rules: Any) -> list[str]:
    """What is wrong with a tree, each as "where: what"; an empty list for a good one."""
    if not isinstance(rules, dict):
        return ["Send a JSON object: a tree of all, any, not, segment and conditions."]
    # Size before shape: the validator is recursive, this walk is not.
    if fault := _size_error(rules):
        return [fault]
    for path, node in _nodes(rules):
        if fault := _node_error(node):
            return [f"{path}: {fault}"]
    error = best_match(_validator().iter_errors(rules))
    return [_describe(error)] if error is not None else []


def referred_segments(rules: Any) -> set[uuid.UUID]:
    """The other segments that a well-formed tree asks about."""
    return {uuid.UUID(node["segment"]) for _, node in _nodes(rules) if "segment" in node}


@cache
def _validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA)


def _size_error(rules: Any) -> str | None:
    nodes = 0
    level = [rules]
    for _ in range(2 * MAX_DEPTH):  # a list and an object for each level of the tree
        nodes += len(level)
        if nodes > MAX_NODES * 4:
            return f"The rules are too large: use at most {MAX_NODES} parts, or name other segments."
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return None
    return f"The rules are nested too deeply: use at most {MAX_DEPTH} levels, or name other segments."


def _nodes(rules: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a tree with its place."""
    waiting: list[tuple[str, Any]] = [("rules", rules)]
    while waiting:
        path, node = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield path, node
        for word in ("all", "any"):
            if isinstance(parts := node.get(word), list):
                waiting.extend((f"{path}.{word}[{i}]", part) for i, part in enumerate(parts))
        if "not" in node:
            waiting.append((f"{path}.not", node["not"]))


def _node_error(node: dict[str, Any]) -> str | None:
    """A clearer word than the schema's on the two commonest mistakes."""
    words = {"all", "any", "not", "segment", "field"} & node.keys()
    if len(words) != 1:
        return "A part has exactly one of all, any, not, segment, field."
    if "segment" in words:
        try:
            uuid.UUID(str(node["segment"]))
        except ValueError:
            return "The segment is not an identifier (UUID)."
    return None


def _describe(error: ValidationError) -> str:
    while error.context:  # of the alternatives, the one that came furthest
        error = max(error.context, key=lambda e: (len(e.absolute_path), e.validator != "required"))
    place = "rules" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    return f"{place}: {error.message[:300]}"
