#!/usr/bin/env python3
"""Says what is wrong with built manifests: their schemas, what they refer to, and the programs' options and metrics.

    validate.py --programs DIR FILE…              one line for each problem, exit 1 if there is one
    validate.py --programs DIR --mutants FILE…    every wrong manifest made from these must be noticed

All are held against `schemas/`: an unknown field is a problem, and a kind without a schema too.
"""

import argparse
import functools
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml
from mutants import label, mutants
from vendor import VERSIONS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KUEUE_LABELS = {"kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/priority-class"}


class Loader(yaml.SafeLoader):
    """YAML in which a key that comes twice is an error, as it is for an API server that is asked to be strict."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"'{key}' comes twice{node.start_mark}")
        return super().construct_mapping(node, deep)


class Programs:
    """What options the programs have, as they say themselves, and what metrics the farm has."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.known: dict[tuple[str, ...], set[str]] = {}
        source = (ROOT / "Sources/Farm/Telemetry/Metrics/FarmMetric.swift").read_text()
        self.metrics = set(re.findall(r'"(storyfarm_[a-z_]+)"', source))

    def options(self, command: tuple[str, ...]) -> set[str]:
        if command not in self.known:
            program = self.folder / command[0]
            if not program.exists():
                raise SystemExit(f"validate.py: {program} is not built")
            text = subprocess.run(
                [program, *command[1:], "--help"], capture_output=True, text=True, check=True, timeout=60
            ).stdout
            self.known[command] = set(re.findall(r"(?<![\w-])--[a-z0-9-]+", text))
            # A command that stands for one below it takes that one's options.
            if usual := re.search(r"^\s+(\S+) \(default\)", text, re.MULTILINE):
                self.known[command] |= self.options(command + (usual[1],))
        return self.known[command]


@functools.cache
def kinds(version: str) -> dict:
    return json.loads((HERE / "schemas" / f"kubernetes-{version}.json").read_text())


@functools.cache
def validator(kind: str, api_version: str, version: str) -> jsonschema.Draft202012Validator | None:
    """Of a kind of Kubernetes's own, in the strict form; None where there is none."""
    schemas = kinds(version)
    schema = schemas["kinds"].get(f"{api_version} {kind}")
    return jsonschema.Draft202012Validator(schema | {"$defs": schemas["$defs"]}) if schema else None


@functools.cache
def own_validator(kind: str, api_version: str) -> jsonschema.Draft202012Validator | None:
    file = HERE / "schemas" / f"{kind.lower()}-{api_version.replace('/', '-')}.json"
    return jsonschema.Draft202012Validator(json.loads(file.read_text())) if file.exists() else None


def schema_problems(document: dict) -> list[str]:
    return list(known_problems(json.dumps(document)))


# Of documents that another mutant has too.
@functools.cache
def known_problems(text: str) -> tuple[str, ...]:
    document = json.loads(text)
    kind, api_version = document.get("kind"), document.get("apiVersion")
    if not isinstance(kind, str) or not isinstance(api_version, str):
        return ("has no kind and apiVersion",)
    group = api_version.rpartition("/")[0]
    if group in ("", "apps", "policy") or group.endswith(".k8s.io"):
        validators = {f"Kubernetes {version}: ": validator(kind, api_version, version) for version in VERSIONS}
    else:
        validators = {"": own_validator(kind, api_version)}
    found = []
    for prefix, each in validators.items():
        if each is None:
            found.append(f"{prefix}there is no schema for {api_version} {kind}")
            continue
        for error in each.iter_errors(document):
            place = "/".join(str(part) for part in error.absolute_path)
            found.append(f"{prefix}{place or '.'}: {error.message[:200]}")
    return tuple(found)


class Farm:
    """All documents of an overlay, and what they say of each other."""

    def __init__(self, documents: list[dict], programs: Programs) -> None:
        self.documents, self.programs = documents, programs

    def all(self, kind: str) -> list[dict]:
        return [document for document in self.documents if document["kind"] == kind]

    def problems(self) -> list[str]:
        found = []
        names = [label(document) for document in self.documents]
        found += [f"{name} is there twice" for name in set(names) if names.count(name) > 1]
        for document in self.documents:
            if document["kind"] != "Namespace" and "namespace" not in document["metadata"]:
                found.append(f"{label(document)}: is in no namespace")
            found += [f"{label(document)}: {problem}" for problem in schema_problems(document)]
        for workload in self.workloads():
            found += [f"{label(workload)}: {problem}" for problem in self.pod_problems(workload)]
        for service in self.all("Service"):
            found += self.service_problems(service)
        for policy in self.all("NetworkPolicy"):
            found += self.policy_problems(policy)
        found += self.transport_problems()
        for budget in self.all("PodDisruptionBudget"):
            found += self.selects(budget, budget["spec"]["selector"])
        for monitor in self.all("ServiceMonitor"):
            found += self.monitor_problems(monitor)
        for scaled in self.all("ScaledObject"):
            found += self.scaled_problems(scaled)
        return found

    def workloads(self) -> list[dict]:
        return self.all("Deployment") + self.all("StatefulSet")

    # What refers to what

    def pods(self, labels: dict) -> list[dict]:
        templates = [workload["spec"]["template"] for workload in self.workloads()]
        return [pod for pod in templates if labels.items() <= pod["metadata"].get("labels", {}).items()]

    def selects(self, document: dict, selector: dict) -> list[str]:
        labels = selector.get("matchLabels", {})
        return [] if self.pods(labels) else [f"{label(document)}: no pod has the labels {labels}"]

    def has_key(self, secret: str, key: str) -> bool:
        return any(
            key in found.get("data", {}) for found in self.all("Secret") if found["metadata"]["name"] == secret
        )

    def secret_problem(self, secret: str, key: str) -> list[str]:
        return [] if self.has_key(secret, key) else [f"there is no Secret {secret} with {key}"]

    # Pods

    def pod_problems(self, workload: dict) -> list[str]:
        template = workload["spec"]["template"]
        pod, found = template["spec"], []
        labels = template["metadata"].get("labels", {})
        if not workload["spec"]["selector"]["matchLabels"].items() <= labels.items():
            found.append("its selector does not select its own pods")
        for name in workload["metadata"].get("labels", {}):
            if name.startswith("kueue.x-k8s.io/") and name not in KUEUE_LABELS:
                found.append(f"Kueue knows no label {name}")
        accounts = {account["metadata"]["name"] for account in self.all("ServiceAccount")}
        if pod.get("serviceAccountName") not in accounts:
            found.append(f"there is no ServiceAccount {pod.get('serviceAccountName')}")
        if pod.get("securityContext", {}).get("runAsNonRoot") is not True:
            found.append("may run as root")
        volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
        claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
        for name, volume in volumes.items():
            if "secret" in volume and not any(
                secret["metadata"]["name"] == volume["secret"]["secretName"] for secret in self.all("Secret")
            ):
                found.append(f"volume {name}: there is no Secret {volume['secret']['secretName']}")
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in {each["metadata"]["name"] for each in self.all("PersistentVolumeClaim")}:
                found.append(f"volume {name}: there is no PersistentVolumeClaim {claim}")
        for container in pod.get("initContainers", []) + pod["containers"]:
            problems = self.container_problems(container, volumes, claims)
            found += [f"container {container['name']}: {problem}" for problem in problems]
        return found

    def container_problems(self, container: dict, volumes: dict, claims: set[str]) -> list[str]:
        found = []
        security = container.get("securityContext", {})
        if security.get("allowPrivilegeEscalation") is not False or security.get("capabilities") != {"drop": ["ALL"]}:
            found.append("keeps rights that it does not need")
        if security.get("readOnlyRootFilesystem") is not True:
            found.append("may write to its image")
        resources = container.get("resources", {})
        if not {"cpu", "memory"} <= resources.get("requests", {}).keys() or "memory" not in resources.get(
            "limits", {}
        ):
            found.append("says not what it needs")
        mounts = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
        found += [
            f"mounts no volume of the pod: {name}" for name in mounts.values() if name not in volumes.keys() | claims
        ]
        ports = {port["name"] for port in container.get("ports", [])}
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"]:
            port = container.get(probe, {}).get("httpGet", {}).get("port")
            if isinstance(port, str) and port not in ports:
                found.append(f"{probe}: there is no port {port}")
        found += self.command_problems(container, mounts, volumes)
        return found

    def command_problems(self, container: dict, mounts: dict, volumes: dict) -> list[str]:
        command = container.get("command", [])
        if not command or not command[0].startswith("storyfarm"):
            return self.path_problems(" ".join(command), mounts, volumes)
        found = []
        known = self.programs.options(tuple(command))
        variables = {variable["name"] for variable in container.get("env", [])}
        for argument in container.get("args", []):
            option = argument.split("=")[0]
            if option not in known:
                found.append(f"{' '.join(command)} has no option {option}")
            for variable in re.findall(r"\$\((\w+)\)", argument):
                if variable not in variables:
                    found.append(f"there is no variable {variable}")
        return found + self.path_problems(" ".join(container.get("args", [])), mounts, volumes)

    def path_problems(self, text: str, mounts: dict, volumes: dict) -> list[str]:
        """Every file that a command names lies in a volume, and where that is a Secret's, in the Secret."""
        found = []
        for path in re.findall(r"(?<![\w./:-])/(?:[\w.-]+/)*[\w.-]+", text):
            if path.startswith(("/usr/", "/dev/")):
                continue
            home = next(
                (mount for mount in sorted(mounts, reverse=True) if path.startswith(mount + "/") or path == mount),
                None,
            )
            if home is None:
                found.append(f"{path} is in no volume")
                continue
            secret = volumes.get(mounts[home], {}).get("secret", {}).get("secretName")
            if secret and path != home:
                found += self.secret_problem(secret, path.removeprefix(home + "/"))
        return found

    # Around them

    def service_problems(self, service: dict) -> list[str]:
        selector = service["spec"]["selector"]
        pods = self.pods(selector)
        if not pods:
            return [f"{label(service)}: no pod has the labels {selector}"]
        # A coordinator without room takes no stories, and is asked for all the rest.
        if service["spec"].get("publishNotReadyAddresses") is not True:
            return [f"{label(service)}: a coordinator whose disk is full is cut off"]
        ports = {port["name"] for pod in pods for each in pod["spec"]["containers"] for port in each.get("ports", [])}
        wrong = [port["targetPort"] for port in service["spec"]["ports"] if port["targetPort"] not in ports]
        return [f"{label(service)}: its pods have no port {port}" for port in wrong]

    def transport_problems(self) -> list[str]:
        """Whoever asks the coordinator asks as it answers: with TLS where it has a certificate."""
        containers = [
            container
            for workload in self.workloads()
            for container in workload["spec"]["template"]["spec"]["containers"]
            if container.get("command") == ["storyfarm-coordinator"]
        ]
        found = []
        for container in containers:
            options = {argument.split("=")[0] for argument in container["args"]}
            if ("--tls-certificate" in options) == ("--behind-tls-proxy" in options):
                found.append("the coordinator is given a certificate and a proxy, or neither")
            scheme = "HTTPS" if "--tls-certificate" in options else "HTTP"
            for probe in ["startupProbe", "readinessProbe", "livenessProbe"]:
                if container[probe]["httpGet"].get("scheme") != scheme:
                    found.append(f"the coordinator's {probe} asks otherwise than by {scheme}")
            for monitor in self.all("ServiceMonitor"):
                for endpoint in monitor["spec"]["endpoints"]:
                    if endpoint.get("scheme", "").upper() != scheme or ("tlsConfig" in endpoint) != (scheme == "HTTPS"):
                        found.append(f"{label(monitor)}: asks otherwise than by {scheme}")
        return found

    def policy_problems(self, policy: dict) -> list[str]:
        spec = policy["spec"]
        found = self.selects(policy, spec["podSelector"])
        pods = self.pods(spec["podSelector"].get("matchLabels", {}))
        known = {port["name"] for pod in pods for each in pod["spec"]["containers"] for port in each.get("ports", [])}
        for port in [port["port"] for rule in spec.get("ingress", []) for port in rule.get("ports", [])]:
            if isinstance(port, str) and port not in known:
                found.append(f"{label(policy)}: its pods have no port {port}")
        for peer in [p for r in spec.get("ingress", []) for p in r.get("from", [])] + [
            p for r in spec.get("egress", []) for p in r.get("to", [])
        ]:
            if "podSelector" in peer and "namespaceSelector" not in peer:
                found += self.selects(policy, peer["podSelector"])
        return found

    def monitor_problems(self, monitor: dict) -> list[str]:
        labels = monitor["spec"].get("selector", {}).get("matchLabels", {})
        services = [s for s in self.all("Service") if labels.items() <= s["metadata"].get("labels", {}).items()]
        if len(services) != 1:
            return [f"{label(monitor)}: {len(services)} Services have the labels {labels}"]
        found = []
        if services[0]["metadata"]["labels"].get(monitor["spec"].get("jobLabel")) != "storyfarm":
            found.append(f"{label(monitor)}: its job is not called storyfarm, which the alerts ask for")
        for endpoint in monitor["spec"]["endpoints"]:
            if endpoint.get("port") not in {port["name"] for port in services[0]["spec"]["ports"]}:
                found.append(f"{label(monitor)}: the Service has no port {endpoint.get('port')}")
            for reference in [
                endpoint.get("authorization", {}).get("credentials"),
                endpoint.get("tlsConfig", {}).get("ca", {}).get("secret"),
            ]:
                if reference:
                    problems = self.secret_problem(reference.get("name"), reference.get("key"))
                    found += [f"{label(monitor)}: {problem}" for problem in problems]
        return found

    def scaled_problems(self, scaled: dict) -> list[str]:
        found = []
        target = scaled["spec"]["scaleTargetRef"].get("name")
        deployments = [each for each in self.all("Deployment") if each["metadata"]["name"] == target]
        if not deployments:
            found.append(f"{label(scaled)}: there is no Deployment {target}")
        elif "replicas" in deployments[0]["spec"]:
            found.append(f"{label(scaled)}: the Deployment says itself how many there are")
        for trigger in scaled["spec"].get("triggers", []):
            for metric in re.findall(r"\bstoryfarm_\w+", trigger.get("metadata", {}).get("query", "")):
                if metric not in self.programs.metrics:
                    found.append(f"{label(scaled)}: there is no metric {metric}")
        return found


def read(file: pathlib.Path) -> list[dict]:
    return [document for document in yaml.load_all(file.read_text(), Loader=Loader) if document]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--mutants", action="store_true")
    arguments = parser.parse_args()
    programs = Programs(arguments.programs)
    wrong = 0
    words: set[str] = set()
    for file in arguments.files:
        documents = read(file)
        if not arguments.mutants:
            problems = Farm(documents, programs).problems()
            for problem in problems:
                print(f"{file.stem}: {problem}", file=sys.stderr)
            wrong += len(problems)
            print(f"{file.stem}: {len(documents)} manifests, {len(problems)} problems")
            continue
        noticed = 0
        for what, mutant in mutants(documents):
            try:
                seen = bool(Farm(mutant, programs).problems())
            except (KeyError, TypeError, AttributeError):
                seen = True  # A document without what every one of its kind has; its schema has said so before.
            if seen:
                noticed += 1
            else:
                print(f"{file.stem}: not noticed: {what}", file=sys.stderr)
                wrong += 1
        print(f"{file.stem}: {noticed} wrong manifests noticed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
