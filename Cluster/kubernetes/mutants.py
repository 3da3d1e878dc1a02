"""Manifests that are wrong: each has one thing of a right one changed for the worse."""

import copy

import yaml


def label(document: dict) -> str:
    return f"{document.get('kind')}/{document.get('metadata', {}).get('name')}"


def mutants(documents: list[dict]):
    """What was changed, and the documents."""
    yield from renamed_fields(documents)
    yield from replaced_words(documents)


def renamed_fields(documents: list[dict]):
    """Every field of every document, with a letter too many; but names that are free, as those of labels."""
    free = {"labels", "matchLabels", "annotations", "data", "requests", "limits", "nodeSelector"}

    def places(value, path=()):
        if isinstance(value, dict):
            for key in value:
                if not path or path[-1] not in free:
                    yield path, key
                yield from places(value[key], path + (key,))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from places(item, path + (index,))

    for index, document in enumerate(documents):
        for path, key in places(document):
            changed = copy.deepcopy(documents)
            holder = changed[index]
            for part in path:
                holder = holder[part]
            holder[key + "x"] = holder.pop(key)
            yield f"{label(document)}: {'/'.join(map(str, path + (key,)))} misspelt", changed


def replaced_words(documents: list[dict]):
    """What no schema knows: names, options, metrics, keys."""
    text = yaml.safe_dump_all(documents)
    for old, new in [
        ("--ready-file=", "--redy-file="),
        ("--control=", "--controll="),
        ("storyfarm_backlog_seconds", "storyfarm_backlog_second"),
        ("key: metrics.token", "key: metric.token"),
        ("key: ca.crt", "key: ca.pem"),
        ("claimName: models", "claimName: model"),
        ("kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/queue"),
        ("$(NODE_NAME)", "$(NODENAME)"),
        ("/etc/storyfarm/keys/coordinator.pub", "/etc/storyfarm/keys/coordinator.key"),
        ("--scratch=/var/cache/storyfarm", "--scratch=/var/cash/storyfarm"),
        ("runAsNonRoot: true", "runAsNonRoot: false"),
        ("targetPort: control", "targetPort: contrl"),
        ("app.kubernetes.io/component: worker\n  strategy", "app.kubernetes.io/component: workers\n  strategy"),
        ("serviceAccountName: storyfarm-worker", "serviceAccountName: storyfarm"),
        ("jobLabel: app.kubernetes.io/name", "jobLabel: app.kubernetes.io/component"),
        ("port: https\n            scheme: HTTPS", "port: http\n            scheme: HTTPS"),
        ("scheme: HTTPS", "scheme: HTTP"),
        ("scheme: https", "scheme: http"),
        ("--tls-certificate=/etc/storyfarm/tls/tls.crt", "--behind-tls-proxy"),
        ("    - port: https", "    - port: http"),
        ("publishNotReadyAddresses: true", "publishNotReadyAddresses: false"),
        ("replicas: 1", "replicas: '1'"),
        ("scaleTargetRef:\n    name: storyfarm-worker", "scaleTargetRef:\n    name: storyfarm-workers"),
        ("threshold: '1800'", "threshold: half an hour"),
    ]:
        if old not in text:
            raise SystemExit(f"mutants.py: {old!r} is nowhere in the manifests: what it guards is not tested")
        yield f"{old!r} became {new!r}", list(yaml.safe_load_all(text.replace(old, new)))
