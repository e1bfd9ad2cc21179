"""A small JSON Schema checker, strict both ways: what is not described is wrong, and so is a keyword unknown here."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

_SAYS_NOTHING = {"title", "description", "examples", "default"}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def faults(value: object, schema: dict[str, Any], document: dict[str, Any], where: str = "$") -> list[str]:
    """Return what is wrong with a value by its schema in an OpenAPI document."""
    if "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return faults(value, target, document, where)
    rules = {key: rule for key, rule in schema.items() if key not in _SAYS_NOTHING}
    found: list[str] = []
    if "anyOf" in rules:
        tries = [faults(value, choice, document, where) for choice in rules.pop("anyOf")]
        found += [] if not all(tries) else min(tries, key=len)
    kind = rules.pop("type", None)
    if kind is not None and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [*found, f"{where}: {value!r} is no {kind}"]
    if "enum" in rules and value not in rules["enum"]:
        found.append(f"{where}: {value!r} is none of {rules['enum']}")
    if "const" in rules and value != rules["const"]:
        found.append(f"{where}: {value!r} is not {rules['const']!r}")
    if isinstance(value, str):
        found += _text_faults(value, rules, where)
    if isinstance(value, dict) and (kind == "object" or "properties" in rules):
        found += _object_faults(value, rules, document, where)
    if isinstance(value, list):
        found += _array_faults(value, rules, document, where)
    if isinstance(value, int) and value < rules.get("minimum", value):
        found.append(f"{where}: {value} is too small")
    unknown = set(rules) - {
        *("enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMaximum"),
        *("properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems"),
    }
    return [*found, *(f"{where}: the checker does not know {rule}" for rule in unknown)]


def _text_faults(value: str, rules: dict[str, Any], where: str) -> list[str]:
    found = []
    if "pattern" in rules and not re.search(rules["pattern"], value):
        found.append(f"{where}: {value!r} is not {rules['pattern']}")
    readers = {"date-time": datetime.fromisoformat, "date": date.fromisoformat}
    if "format" in rules:
        try:
            readers[rules["format"]](value)
        except ValueError:
            found.append(f"{where}: {value!r} is no {rules['format']}")
    return found


def _object_faults(value: dict[str, Any], rules: dict[str, Any], document: dict[str, Any], where: str) -> list[str]:
    properties: dict[str, Any] = rules.get("properties", {})
    rest = rules.get("additionalProperties")
    found = [f"{where}.{name}: missing" for name in rules.get("required", ()) if name not in value]
    for name, entry in value.items():
        if name in properties:
            found += faults(entry, properties[name], document, f"{where}.{name}")
        elif isinstance(rest, dict):
            found += faults(entry, rest, document, f"{where}.{name}")
        elif properties and rest is not True:
            found.append(f"{where}.{name}: not described")
    return found


def _array_faults(value: list[Any], rules: dict[str, Any], document: dict[str, Any], where: str) -> list[str]:
    found = []
    if not rules.get("minItems", 0) <= len(value) <= rules.get("maxItems", len(value)):
        found.append(f"{where}: {len(value)} entries")
    schemas = rules.get("prefixItems") or [rules["items"]] * len(value)
    for place, (entry, schema) in enumerate(zip(value, schemas, strict=False)):
        found += faults(entry, schema, document, f"{where}[{place}]")
    return found
