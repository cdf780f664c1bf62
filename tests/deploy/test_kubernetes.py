"""deploy/kubernetes: valid by Kubernetes' own schemas, of one piece, and about the service as it is."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from api.app import create_app
from api.settings import PREFIX, Settings
from api.workers import GRACE
from graph.database import Database
from tests.api.serving import served, settings_for
from tests.embedders import HashingEmbedder

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
RESOURCES: dict[str, dict[str, Any]] = {
    one["kind"]: one for one in (yaml.safe_load((FOLDER / name).read_text()) for name in KUSTOMIZATION["resources"])
}
POD = RESOURCES["Deployment"]["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]
ADAPTER = yaml.safe_load((FOLDER / "prometheus-adapter.yaml").read_text())

# The oldest that knows everything in here (a pause before a pod stops), and the newest that there are schemas of.
OLDEST, NEWEST = "1.30", kubernetes_validate.latest_version()


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("kind", RESOURCES)
def test_it_is_what_kubernetes_takes(kind: str, version: str) -> None:
    kubernetes_validate.validate(RESOURCES[kind], version, strict=True)


def test_what_is_wrong_would_be_noticed() -> None:
    wrong = {**RESOURCES["Service"], "spec": {"selectors": {}}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_kustomize_puts_it_together(tmp_path: Path) -> None:
    for command in (["kustomize", "build"], ["kubectl", "kustomize"]):
        if shutil.which(command[0]):
            break
    else:
        pytest.skip("neither kustomize nor kubectl is installed here")
    built = subprocess.run([*command, FOLDER], capture_output=True, text=True, check=True).stdout
    resources = list(yaml.safe_load_all(built))
    assert {one["kind"] for one in resources} == {*RESOURCES, "ConfigMap"}
    for one in resources:
        kubernetes_validate.validate(one, NEWEST, strict=True)
        assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == KUSTOMIZATION["namespace"]
    deployment = next(one for one in resources if one["kind"] == "Deployment")
    config = next(one for one in resources if one["kind"] == "ConfigMap")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"][0]["configMapRef"]["name"] == config["metadata"]["name"], "a change rolls out"
    policy = next(one for one in resources if one["kind"] == "NetworkPolicy")
    assert policy["spec"] == RESOURCES["NetworkPolicy"]["spec"], "labels do not get into selectors of other pods"


def test_kubeconform_agrees(tmp_path: Path) -> None:
    if not shutil.which("kubeconform"):
        pytest.skip("kubeconform is not installed here")
    schemas = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{NEWEST}-local"
    # Their own addresses are of a host that is not asked; here they are files beside each other.
    for name in ("_definitions", *(schema_of(one) for one in RESOURCES.values())):
        found = json.loads((schemas / f"{name}.json").read_text().replace('"/api/', '"'))
        found.pop("$id")
        (tmp_path / f"{name}.json").write_text(json.dumps(found))
    where = f"{tmp_path}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    files = [FOLDER / name for name in KUSTOMIZATION["resources"]]
    done = subprocess.run(
        ["kubeconform", "-summary", "-schema-location", where, *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Valid: {len(files)}, Invalid: 0, Errors: 0, Skipped: 0" in done.stdout


def schema_of(resource: dict[str, Any]) -> str:
    *group, version = resource["apiVersion"].split("/")
    return "-".join([resource["kind"].lower(), *(one.partition(".")[0] for one in group), version])


def test_every_setting_that_is_named_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    (config,) = KUSTOMIZATION["configMapGenerator"]
    given = dict(one.split("=", 1) for one in config["literals"])
    assert given.keys() <= known
    assert not {name for name in given if "PASSWORD" in name or "SECRET" in name}
    assert given[f"{PREFIX}AUTH"] != "local"


def test_pods_are_those_that_everything_is_about() -> None:
    labels = POD["metadata"]["labels"].items()
    deployment, policy = RESOURCES["Deployment"]["spec"], RESOURCES["NetworkPolicy"]["spec"]
    for selector in (
        deployment["selector"]["matchLabels"],
        RESOURCES["Service"]["spec"]["selector"],
        RESOURCES["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        policy["podSelector"]["matchLabels"],
        POD["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ):
        assert selector
        assert selector.items() <= labels
    target = RESOURCES["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", RESOURCES["Deployment"]["metadata"]["name"])
    assert "replicas" not in deployment, "the autoscaler says how many"
    mounted = {one["name"] for one in CONTAINER["volumeMounts"]}
    assert mounted == {one["name"] for one in POD["spec"]["volumes"]}
    claim = next(one for one in POD["spec"]["volumes"] if one["name"] == "data")["persistentVolumeClaim"]["claimName"]
    assert claim == RESOURCES["PersistentVolumeClaim"]["metadata"]["name"]
    assert RESOURCES["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_probes_ask_what_there_is_and_pods_go_when_they_have_answered(database: Database) -> None:
    app = create_app(settings_for(database), database, HashingEmbedder)
    ports = {one["name"]: one["containerPort"] for one in CONTAINER["ports"]}
    assert ports["http"] == Settings.model_fields["port"].default
    probes = {name: CONTAINER[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    for probe in probes.values():
        assert "get" in app.openapi()["paths"][probe["httpGet"]["path"]]
        assert probe["httpGet"]["port"] in ports
    assert probes["liveness"]["httpGet"]["path"] == "/health/live", "a database that is away is no reason to start anew"
    assert probes["readiness"]["httpGet"]["path"] == "/health/ready"
    pause = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["spec"]["terminationGracePeriodSeconds"] > pause + GRACE


def test_it_runs_without_privileges() -> None:
    pod, container = POD["spec"]["securityContext"], CONTAINER["securityContext"]
    uid = re.search(r"--uid (\d+)", (FOLDER.parents[1] / "Dockerfile").read_text())
    assert uid is not None
    assert pod["runAsUser"] == int(uid[1])
    assert pod["runAsNonRoot"]
    assert container["readOnlyRootFilesystem"]
    assert not container["allowPrivilegeEscalation"]
    assert container["capabilities"]["drop"] == ["ALL"]


def test_the_network_lets_through_what_the_service_needs() -> None:
    policy = RESOURCES["NetworkPolicy"]["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert {port["port"] for rule in policy["egress"] for port in rule["ports"]} == {53, 443, 587, 7687}
    assert all(rule.get("to") for rule in policy["egress"]), "a rule without `to` lets everything out"
    assert all(rule.get("from") for rule in policy["ingress"]), "a rule without `from` lets everybody in"


def test_it_scales_by_a_measure_that_the_service_tells(database: Database) -> None:
    (metric,) = RESOURCES["HorizontalPodAutoscaler"]["spec"]["metrics"]
    (rule,) = ADAPTER["rules"]["custom"]
    assert metric["pods"]["metric"]["name"] == rule["name"]["as"]
    series, handlers = re.fullmatch(r'(\w+)\{.*handler=~"([^"]+)"\}', rule["seriesQuery"]).groups()
    assert f'handler=~"{handlers}"' in rule["metricsQuery"], "what is found is what is computed"
    assert re.search(rule["name"]["matches"], series)
    with served(database) as client:
        assert client.get("/v1/search?text=ropes").status_code == 200
        body = {"text": "Who knows ropes?"}
        assert client.post("/v1/recommendations/helpers", json=body).status_code == 200
        told = client.get("/metrics").text
    counted = set(re.findall(rf'^{series}\{{.*?handler="([^"]+)".*?\}} ', told, re.MULTILINE))
    assert {one for one in counted if re.fullmatch(handlers, one)} == {"/v1/search", "/v1/recommendations/helpers"}
    assert f'{series}{{handler="/v1/search",le="0.3"' in told, "a bucket ends where the target is"
