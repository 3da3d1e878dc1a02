#!/usr/bin/env python3
"""Prints the expressions of a Grafana dashboard as a file of Prometheus rules, so that promtool can read them.

dashboard.py DASHBOARD.json
"""
import json
import sys

# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "1m", "$__range": "1h", "$__interval": "15s", "$job": "storyfarm"}


def expressions(panels):
    for panel in panels:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
        yield from expressions(panel.get("panels", []))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dashboard = json.load(file)
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in dashboard["panels"]]
    numbers = [p["id"] for p in dashboard["panels"]]
    if len(set(places)) < len(places) or len(set(numbers)) < len(numbers):
        sys.exit(f"{sys.argv[1]}: two panels have the same number or the same place")
    rules = []
    for number, (title, text) in enumerate(expressions(dashboard["panels"])):
        for name, value in VARIABLES.items():
            text = text.replace(name, value)
        if "$" in text:
            sys.exit(f"{sys.argv[1]}: '{title}' uses a variable that is not known here: {text}")
        rules.append({"record": f"panel:{number}", "expr": text})
    if not rules:
        sys.exit(f"{sys.argv[1]}: no panel has an expression")
    # JSON is YAML.
    print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}, indent=2))


main()
