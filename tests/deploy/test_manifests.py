"""The manifests render, are valid Kubernetes, are hardened, and name the settings that the services read."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy/k8s"
SERVICES = ("catalog", "orders", "routing", "quality", "fabrication")
OVERLAYS = ("local", "prod")

kubectl = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(
    kubectl is None, reason="kubectl is not installed; Debian: apt-get install kubernetes-client"
)


def render(overlay: str) -> list[dict]:
    done = subprocess.run(
        [kubectl, "kustomize", K8S / "overlays" / overlay], capture_output=True, text=True, check=True
    )
    return list(yaml.safe_load_all(done.stdout))


def pods(objects: list[dict]) -> list[tuple[str, dict]]:
    return [
        (each["metadata"]["name"], each["spec"]["template"]["spec"])
        for each in objects
        if each["kind"] in {"Deployment", "Job"}
    ]


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_role_of_every_service_is_deployed_and_nothing_else(overlay):
    expected = set()
    for service in SERVICES:
        known = importlib.import_module(f"{service}.main").SERVICE
        expected |= {(service, role) for role in known.roles}
    deployed = set()
    for each in render(overlay):
        if each["kind"] == "Deployment":
            (container,) = each["spec"]["template"]["spec"]["containers"]
            deployed.add((each["metadata"]["labels"]["app.kubernetes.io/name"], container["args"][2]))
    assert deployed == expected


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_is_hardened_and_bounded(overlay):
    for name, pod in pods(render(overlay)):
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert not security["allowPrivilegeEscalation"], name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_long_running_pod_is_probed(overlay):
    for each in render(overlay):
        if each["kind"] == "Deployment":
            (container,) = each["spec"]["template"]["spec"]["containers"]
            assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def documented_secrets(service: str) -> set[str]:
    rows = [line for line in (K8S / "README.md").read_text().splitlines() if line.startswith("| `<service>-secrets`")]
    (row,) = rows
    everybody, _, routing = row.split("|")[2].partition("; for routing also ")
    names = {word.strip(" `") for word in everybody.split(",")}
    return names | ({word.strip(" `") for word in routing.split(",")} if service == "routing" else set())


@needs_kubectl
@pytest.mark.parametrize("service", SERVICES)
def test_the_environment_names_what_the_service_reads_and_no_more(service):
    settings = importlib.import_module(f"{service}.main").SERVICE.settings
    known = {f"FABMESH_{name}".upper(): field for name, field in settings.model_fields.items()}
    objects = render("prod")
    (pod,) = [pod for name, pod in pods(objects) if name == f"{service}-api"]
    (container,) = pod["containers"]
    config_map = container["envFrom"][0]["configMapRef"]["name"]
    (data,) = [
        each["data"] for each in objects if each["kind"] == "ConfigMap" and each["metadata"]["name"] == config_map
    ]
    given = {entry["name"] for entry in container["env"]} | set(data) | documented_secrets(service)
    assert not given - set(known), "named, but not read"
    required = {name for name, field in known.items() if field.is_required()}
    assert not required - given, "required, but not named"


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_reference_is_to_something_that_is_there_or_documented(overlay):
    objects = render(overlay)
    services = {each["metadata"]["name"] for each in objects if each["kind"] == "Service"}
    (ingress,) = [each for each in objects if each["kind"] == "Ingress"]
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    assert {path["backend"]["service"]["name"] for path in paths} == services
    for name, pod in pods(objects):
        service = name.split("-")[0]
        for volume in pod.get("volumes", []):
            if "secret" in volume:
                assert volume["secret"]["secretName"] == f"{service}-nats-user", name
        for source in pod["containers"][0].get("envFrom", []):
            if "secretRef" in source:
                assert source["secretRef"]["name"] == f"{service}-secrets", name


def test_each_image_that_is_deployed_is_a_target_of_the_containerfile():
    text = (ROOT / "deploy/images/Containerfile").read_text()
    targets = {line.split(" AS ")[1] for line in text.splitlines() if line.startswith("FROM runtime AS ")}
    assert targets == {*SERVICES, "fabrication-workers"}
