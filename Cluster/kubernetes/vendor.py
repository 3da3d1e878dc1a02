#!/usr/bin/env python3
"""Writes `schemas/kubernetes-VERSION.json`: what Kubernetes's API takes of the kinds that are used here.

    pip install kubernetes-validate==1.37.0 && vendor.py

Names and types of fields alone, as the API's own OpenAPI document has them, in the strict form, without its texts; only
what the kinds below can be reached from. To be run again for another kind or version.
"""

import importlib.util
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
# The oldest and the newest that the manifests are for.
VERSIONS = ["1.29", "1.37"]
KINDS = [
    ("v1", "ConfigMap"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
]
OLD, NEW = "/api/_definitions.json#/$defs/", "#/$defs/"


def plain(schema):
    """Without texts, and referring to this file."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema.replace(OLD, NEW) if isinstance(schema, str) else schema
    # A field may be called description; where a schema is expected it is a text.
    return {
        key: {name: plain(each) for name, each in value.items()} if key == "properties" else plain(value)
        for key, value in schema.items()
        if key not in ("description", "$id", "$schema") and not key.startswith("x-kubernetes-")
    }


def referred(schema) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(referred, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].removeprefix(NEW)} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(referred, schema.values()))


def lines(schemas: dict) -> str:
    """A line each, so that a difference shows what differs."""
    each = [f"{json.dumps(name)}: {json.dumps(schema, separators=(',', ':'))}" for name, schema in schemas.items()]
    return "{\n" + ",\n".join(each) + "\n}"


def main() -> None:
    package = pathlib.Path(importlib.util.find_spec("kubernetes_validate").origin).parent
    for version in VERSIONS:
        folder = package / "kubernetes-json-schema" / f"v{version}.0-local-strict"
        definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
        kinds = {}
        for api_version, kind in KINDS:
            group, _, number = api_version.rpartition("/")
            name = "-".join(filter(None, [kind.lower(), group.split(".")[0], number]))
            kinds[f"{api_version} {kind}"] = plain(json.loads((folder / f"{name}.json").read_text()))
        reached, waiting = {}, referred(kinds)
        while waiting:
            name = waiting.pop()
            reached[name] = plain(definitions[name])
            waiting |= referred(reached[name]) - reached.keys()
        parts = [f'"kinds": {lines(kinds)}', f'"$defs": {lines(dict(sorted(reached.items())))}']
        (HERE / "schemas" / f"kubernetes-{version}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
