"""What each value does to a pod."""

from __future__ import annotations

import shlex

import pytest
from cases import CORPORATE, GIVEN, HASH, PEM, RAW, RUNS, TRUST, values_of
from pods import env, init, mounts
from support import binary, helm

# As docs/images.md has it.
PLACES = {
    "debian": "/etc/ssl/certs",
    "rhel": "/etc/pki/ca-trust/extracted",
    "suse": "/var/lib/ca-certificates",
}


def printed(*args: str) -> dict[str, str]:
    """What `trust-init env` says for such stores."""
    done = binary.run("env", "--format=dotenv", *args)
    assert done.code == 0, done.stderr
    return dict(line.split("=", 1) for line in shlex.split(done.stdout.decode()))


# --- the init containers


@pytest.mark.parametrize("run", RUNS)
def test_base_image_builds_in_the_main_image(pod, run: str):
    template = pod({"caBundle": GIVEN}, run)
    install, build = init(template)
    (main,) = template["spec"]["containers"]
    assert install["image"] == "registry.example.com/trust-init:0.1.0"
    assert install["args"] == ["install", "--ignore-variables", "/trust/bin"]
    assert "command" not in install, "the image's own entry point"
    assert build["image"] == main["image"]
    words = build["command"]
    assert words[:3] == ["/trust/bin/trust-init", "build", "--ignore-variables"]
    assert words[words.index("--ca") + 1] == RAW
    assert build["command"][build["command"].index("--base") + 1] == "auto"
    # What the main image has at these places is what is added to.
    assert set(mounts(build)) == {"/trust", "/etc/pki/custom-certs"}
    assert not mounts(build)["/trust"].get("readOnly")


@pytest.mark.parametrize("base", ["mozilla", "none"])
def test_other_bases_need_one_container(pod, base: str):
    (build,) = init(pod({"caBundle": GIVEN, "base": base}))
    assert build["image"] == "registry.example.com/trust-init:0.1.0"
    assert build["args"][0] == "build" and build["args"][-1] == "--install"
    assert build["args"][build["args"].index("--base") + 1] == base


@pytest.mark.parametrize(
    ("base", "expected"),
    [("image", ["auto"]), ("mozilla", ["mozilla"]), ("none", [])],
)
def test_platform_cas_are_bases_beside_the_other(pod, base: str, expected: list[str]):
    """`none` cannot be combined with a path and need not be: only what is named is used."""
    second = {"kind": "Secret", "name": "more", "key": "x.pem"}
    template = pod({"base": base, "platform": [CORPORATE, second]})
    build = init(template)[-1]
    words = build.get("command", build.get("args"))
    bases = [words[at + 1] for at, word in enumerate(words) if word == "--base"]
    places = ["/etc/pki/platform-certs/0", "/etc/pki/platform-certs/1"]
    assert bases == [*expected, f"{places[0]}/ca.crt", f"{places[1]}/x.pem"]
    assert "--ca" not in words
    assert all(mounts(build)[place]["readOnly"] for place in places)
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    assert volumes["trust-platform-0"]["configMap"]["name"] == "corporate-cas"
    assert volumes["trust-platform-1"]["secret"]["secretName"] == "more"


def test_a_bundle_of_the_cluster_is_a_base_too(pod):
    """A kubelet writes all bundles that a selector finds into one file, so there is no key to choose."""
    template = pod(TRUST["cluster-bundles"])
    words = init(template)[-1]["command"]
    bases = [words[at + 1] for at, word in enumerate(words) if word == "--base"]
    places = [f"/etc/pki/platform-certs/{number}/bundle.pem" for number in range(2)]
    assert bases == ["auto", *places]
    sources = {
        volume["name"]: volume["projected"]["sources"]
        for volume in template["spec"]["volumes"]
        if "projected" in volume
    }
    named, selected = TRUST["cluster-bundles"]["platform"]
    assert sources == {
        "trust-platform-0": [
            {"clusterTrustBundle": {"name": named["name"], "path": "bundle.pem"}}
        ],
        "trust-platform-1": [
            {
                "clusterTrustBundle": {
                    "signerName": selected["signerName"],
                    "labelSelector": selected["labelSelector"],
                    "path": "bundle.pem",
                }
            }
        ],
    }


def test_an_empty_selector_stays(pod):
    """To Kubernetes, it selects everything, and a missing one nothing."""
    one = {"kind": "ClusterTrustBundle", "signerName": "example.com/a", "labelSelector": {}}
    volumes = pod({"platform": [one]})["spec"]["volumes"]
    (source,) = next(v["projected"]["sources"] for v in volumes if "projected" in v)
    assert source["clusterTrustBundle"]["labelSelector"] == {}


def test_every_option_is_one_that_the_binary_takes(pod, shipped, tmp_path):
    """Run as the pod would, but for the places: the binary knows every flag and value."""
    trust = {**TRUST["all"], "caBundle": {"pem": PEM}, "platform": [], "base": "mozilla"}
    trust |= {"mountPath": str(tmp_path), "policy": {**trust["policy"], "deny": ["weak-key"]}}
    (tmp_path / "chain_1.pem").write_text(PEM)
    (build,) = init(pod(trust))
    out = tmp_path / "out"
    args = [str(out) if word == "/trust" else word for word in build["args"]]
    done = binary.run(*args)
    assert done.code == 0, done.stderr
    assert (out / "bin" / "trust-init").is_file()
    assert (out / "java" / "truststore.p12").is_file()


def test_policy_and_limits_are_passed_on(pod):
    words = init(pod(TRUST["all"]))[-1]["command"]
    said = dict(zip(words[3::2], words[4::2], strict=True))
    expected = {"--allow": "roots-old", "--warn": "duplicate", "--drop": "not-a-ca"}
    expected |= {"--deny": "expired,weak-key", "--block": HASH, "--expires-soon": "60d"}
    expected |= {"--max-size": "131072", "--java-store": "pkcs12-mac"}
    assert {name: said.get(name) for name in expected} == expected


def test_a_digest_stands_in_place_of_the_tag(pod):
    template = pod(TRUST["all"])
    image = f"registry.example.com:5000/mirror/trust-init@sha256:{HASH}"
    assert init(template)[0]["image"] == image
    assert init(template)[0]["imagePullPolicy"] == "Always"
    assert template["spec"]["imagePullSecrets"] == [{"name": "registry-key"}]


def test_the_security_context_survives_null(pod):
    """Helm takes a null for "delete this default"."""
    template = pod({"caBundle": GIVEN, "securityContext": None, "policy": None, "image": None})
    for container in init(template):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert init(template)[0]["image"] == "registry.example.com/trust-init:0.1.0"


# --- volumes and mounts


@pytest.mark.parametrize("run", RUNS)
def test_the_main_container_mounts_the_stores_and_the_raw_chain_read_only(pod, run: str):
    template = pod({"caBundle": GIVEN}, run)
    (main,) = template["spec"]["containers"]
    places = mounts(main)
    for place in ("/trust", "/etc/ssl/certs", "/etc/pki/custom-certs"):
        assert places[place]["readOnly"] is True, place
    assert places["/etc/ssl/certs"]["subPath"] == "os"
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    assert volumes["trust"] == {"name": "trust", "emptyDir": {"sizeLimit": "32Mi"}}
    assert volumes["trust-ca"]["configMap"] == {
        "name": "acme-trust-ca",
        "items": [{"key": "client-ca-chain.pem", "path": "client-ca-chain.pem"}],
    }


@pytest.mark.parametrize("layout", PLACES)
@pytest.mark.parametrize("base", ["image", "mozilla"])
def test_each_layout_is_mounted_in_its_place(pod, layout: str, base: str):
    template = pod({"caBundle": GIVEN, "osLayout": layout, "base": base})
    (main,) = template["spec"]["containers"]
    assert {place for place in PLACES.values() if place in mounts(main)} == {PLACES[layout]}
    words = init(template)[-1].get("command") or init(template)[-1]["args"]
    assert words[words.index("--os-layout") + 1] == layout
    expected = printed(f"--os-layout={layout}")
    expected.pop("JAVA_TOOL_OPTIONS")
    assert env(template) == expected


def test_without_update_os_trust_nothing_stands_over_the_image_s_own(pod):
    template = pod({"caBundle": GIVEN, "updateOsTrust": False})
    (main,) = template["spec"]["containers"]
    assert not set(PLACES.values()) & set(mounts(main))
    # Clients that read variables have the merged bundle all the same.
    assert env(template)["SSL_CERT_FILE"] == "/trust/os/ca-certificates.crt"


def test_an_existing_object_is_mounted_and_none_is_made(charts: helm.Charts):
    documents = charts.render({"trust": TRUST["existing-secret"]})
    assert not [one for one in documents if one["kind"] == "Secret"]
    template = helm.pod_templates(documents)["driver"]
    (volume,) = (one for one in template["spec"]["volumes"] if one["name"] == "trust-ca")
    assert volume["secret"] == {
        "secretName": "made-elsewhere",
        "items": [{"key": "ca.p7b", "path": "client-ca-chain.pem"}],
    }
    words = init(template)[-1]["command"]
    assert words[words.index("--expect-sha256") + 1] == HASH
    assert words[words.index("--wait") + 1] == "60"


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("case", ["optional", "optional-wrapper", "optional-sidecar"])
def test_an_optional_object_is_optional_to_the_kubelet_and_to_trust_init(pod, run: str, case: str):
    template = pod(TRUST[case], run)
    (volume,) = (one for one in template["spec"]["volumes"] if one["name"] == "trust-ca")
    (source,) = (volume[kind] for kind in ("configMap", "secret") if kind in volume)
    assert source["optional"] is True
    (main,) = template["spec"]["containers"]
    words = main["command"] if "wrapper" in case else init(template)[-1]
    words = words if "wrapper" in case else words.get("command") or words["args"]
    assert words.count("--optional") == 1
    if "wrapper" not in case:
        # The chain's own file is missing if the chain is.
        assert env(template)["NODE_EXTRA_CA_CERTS"] == "/trust/os/ca-certificates.crt"


@pytest.mark.parametrize("case", ["existing", "chain", "platform", "sidecar", "wrapper", "platform-only"])
def test_nothing_else_is_optional(pod, case: str):
    assert "optional" not in str(pod(TRUST[case]))


def test_without_a_chain_nothing_of_it_is_mounted(pod):
    template = pod(TRUST["platform-only"])
    assert "/etc/pki/custom-certs" not in mounts(template["spec"]["containers"][0])
    assert "trust-ca" not in str(template["spec"]["volumes"])


# --- variables


@pytest.mark.parametrize("store", ["pkcs12", "pkcs12-mac", "pkcs12-encrypted", "jks"])
def test_the_variables_are_those_of_trust_init_env(pod, charts: helm.Charts, store: str):
    """One wiring: what the chart sets is what the binary prints for the same stores."""
    trust = {"caBundle": GIVEN, "java": {"store": store}}
    expected = printed(f"--java-store={store}")
    assert env(pod(trust, "deployment")) == expected
    options = expected.pop("JAVA_TOOL_OPTIONS")
    assert env(pod(trust)) == expected, "Spark's JVMs get the truststore otherwise"
    conf = helm.spark_conf(charts.render({"trust": trust}))
    assert conf["spark.driver.defaultJavaOptions"] == options
    assert conf["spark.executor.defaultJavaOptions"] == options


def test_an_extra_variable_is_set_as_trust_init_sets_it(pod):
    trust = {"caBundle": GIVEN, "extraVariables": ["PGSSLROOTCERT"]}
    template = pod(trust, "deployment")
    assert env(template) == printed("--set-variable=PGSSLROOTCERT")
    words = init(template)[-1]
    words = words.get("command") or words["args"]
    assert words[words.index("--set-variable") + 1] == "PGSSLROOTCERT"
    # Whoever names a root for a database means that one.
    own = [{"name": "PGSSLROOTCERT", "value": "/db/ca.pem"}]
    assert env(pod(trust, "deployment", env=own))["PGSSLROOTCERT"] == "/db/ca.pem"


@pytest.mark.parametrize("name", ["HTTPS_CA_FILE", "HTTPS_CA_DIR", "PERL_LWP_SSL_CA_PATH"])
def test_perl_gets_no_public_roots_if_it_checks_no_host_names(pod, name: str):
    own = [{"name": name, "value": "/db/ca.pem"}]
    variables = env(pod({"caBundle": GIVEN}, "deployment", env=own))
    assert "PERL_LWP_SSL_CA_FILE" not in variables
    variables = env(pod({"caBundle": GIVEN, "env": {name: "/db/ca.pem"}}, "deployment"))
    assert "PERL_LWP_SSL_CA_FILE" not in variables


def test_without_a_chain_node_is_not_led_to_one(pod):
    assert "NODE_EXTRA_CA_CERTS" not in env(pod({}))
    # The platform's CAs are only in the merged bundle.
    with_platform = env(pod(TRUST["platform"]))
    assert with_platform["NODE_EXTRA_CA_CERTS"] == "/trust/os/ca-certificates.crt"


def test_an_entry_overrides_and_an_empty_one_leaves_out(pod):
    trust = {"caBundle": GIVEN, "env": {"SSL_CERT_FILE": "/my.pem", "PIP_CERT": "", "MORE": "x"}}
    variables = env(pod(trust))
    assert variables["SSL_CERT_FILE"] == "/my.pem"
    assert "PIP_CERT" not in variables
    assert variables["MORE"] == "x"
    assert variables["CURL_CA_BUNDLE"] == "/trust/os/ca-certificates.crt"


@pytest.mark.parametrize("run", RUNS)
def test_older_values_that_name_the_raw_chain_get_the_merged_bundles(pod, run: str):
    trust = {**TRUST["older-values"]}
    trust["env"] = {**trust["env"], "SSL_CERT_DIR": "/etc/pki/custom-certs/"}
    variables = env(pod(trust, run))
    assert variables["SSL_CERT_FILE"] == "/trust/os/ca-certificates.crt"
    assert variables["REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem"
    assert variables["CORPORATE_CA"] == "/trust/os/ca-certificates.crt"
    assert variables["SSL_CERT_DIR"] == "/trust/os"
    assert RAW not in variables.values()


def test_the_container_s_own_variables_win_and_are_there_once(pod):
    own = [
        {"name": "SSL_CERT_FILE", "value": "/own.pem"},
        {"name": "REQUESTS_CA_BUNDLE", "value": RAW},
        {"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    template = pod({"caBundle": GIVEN}, "deployment", env=own)
    variables = env(template)
    assert len(variables) == len(template["spec"]["containers"][0]["env"])
    assert variables["SSL_CERT_FILE"] == "/own.pem"
    assert variables["REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem"
    ours = "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"
    assert variables["JAVA_TOOL_OPTIONS"] == f"{ours} -Xmx1g"
    assert own[3] in template["spec"]["containers"][0]["env"]


def test_spark_s_own_java_tool_options_stay_as_they_are(pod):
    own = [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"}]
    assert env(pod({"caBundle": GIVEN}, spark={"env": own}))["JAVA_TOOL_OPTIONS"] == "-Xmx1g"
    trust = {"caBundle": GIVEN, "java": {"toolOptions": True}}
    both = env(pod(trust, spark={"env": own}))["JAVA_TOOL_OPTIONS"]
    assert both == "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12 -Xmx1g"


# --- Spark's properties


@pytest.mark.parametrize("run", ["spark-submit", "kubeflow", "apache"])
def test_no_property_of_the_user_s_is_lost(charts: helm.Charts, run: str):
    own = {
        "spark.driver.defaultJavaOptions": "-Dmine=1 -Dpath=C:\\x",
        "spark.driver.extraJavaOptions": "-Dmore=2",
        "spark.executor.extraJavaOptions": "-Dmore=3",
        "spark.executorEnv.EXAMPLE": "a = b # c",
        "spark.number": 12345678,
        "spark.switch": True,
    }
    values = {"run": run, "spark": {"conf": own}, "trust": {"caBundle": GIVEN}}
    conf = helm.spark_conf(charts.render(values))
    ours = "-Djavax.net.ssl.trustStore=/trust/java/truststore.p12"
    escaped = "\\\\" if run == "spark-submit" else "\\"
    assert conf["spark.driver.defaultJavaOptions"] == f"{ours} -Dmine=1 -Dpath=C:{escaped}x"
    assert conf["spark.executor.defaultJavaOptions"] == ours
    assert conf["spark.number"] == "12345678"
    assert conf["spark.switch"] == "true"
    for name, value in own.items():
        if "default" not in name and isinstance(value, str):
            assert conf[name] == value
    # Only the pods have the variables.
    assert not [name for name in conf if "SSL_CERT" in name or "driverEnv" in name]


def test_properties_that_name_the_raw_chain_get_the_merged_bundle(charts: helm.Charts):
    """They are appended to the pod's variables and would win over them."""
    own = {"spark.executorEnv.REQUESTS_CA_BUNDLE": RAW, "spark.kubernetes.driverEnv.OTHER": RAW}
    values = {"spark": {"conf": own}, "trust": {"caBundle": GIVEN}}
    conf = helm.spark_conf(charts.render(values))
    assert conf["spark.executorEnv.REQUESTS_CA_BUNDLE"] == "/trust/python/cacert.pem"
    assert conf["spark.kubernetes.driverEnv.OTHER"] == "/trust/os/ca-certificates.crt"


@pytest.mark.parametrize("run", ["kubeflow", "apache", "spark-submit"])
def test_without_java_no_jvm_option_is_there(charts: helm.Charts, run: str):
    documents = charts.render(values_of(run, TRUST["least"]))
    assert "JavaOptions" not in str(helm.spark_conf(documents))
    words = init(helm.pod_templates(documents)["driver"])[-1]["command"]
    assert words[words.index("--only") + 1] == "os,python"


def test_kubeflow_s_pods_are_described_in_one_place(charts: helm.Charts):
    """Fields of its own come through its webhook: in both, they would be there twice."""
    documents = charts.render(values_of("kubeflow", TRUST["all"]))
    spec = helm.object_of(documents, "SparkApplication")["spec"]
    assert "volumes" not in spec
    for role, name in (("driver", "driver"), ("executor", "executor")):
        own = {"env", "envVars", "initContainers", "volumeMounts", "configMaps", "javaOptions"}
        assert not own & set(spec[role])
        (container,) = spec[role]["template"]["spec"]["containers"]
        # The operator passes just this name to Spark as podTemplateContainerName.
        assert container["name"] == f"spark-kubernetes-{name}"


# --- mode wrapper


@pytest.mark.parametrize("run", RUNS)
def test_the_wrapper_starts_the_main_container(pod, run: str):
    template = pod(TRUST["wrapper"], run)
    (install,) = init(template)
    assert install["args"] == ["install", "--ignore-variables", "/trust/bin"]
    (main,) = template["spec"]["containers"]
    words = main["command"]
    assert words[:3] == ["/trust/bin/trust-init", "exec", "--ignore-variables"]
    assert words[3:5] == ["--ca", RAW]
    assert words[words.index("--") :] == ["--", "/opt/entrypoint.sh"]
    # Spark puts `driver …` after the template's args: there must be none.
    assert "args" not in main
    assert not env(template), "exec sets them itself"
    assert "/etc/ssl/certs" not in mounts(main)
    # exec reads the platform's CAs there.
    assert "/etc/pki/platform-certs/0" in mounts(main)


def test_a_wrapper_of_the_image_needs_no_volume(pod):
    template = pod(TRUST["wrapper-in-image"], "deployment")
    assert not init(template)
    assert [volume["name"] for volume in template["spec"]["volumes"]] == ["trust-ca"]
    command = template["spec"]["containers"][0]["command"]
    assert command[:2] == ["/usr/local/bin/trust-init", "exec"]
    assert command[-3:] == ["--", "/entry", "--x y"]


def test_the_wrapper_is_not_led_to_the_raw_chain(pod):
    """exec would take what a variable names for what the image trusts."""
    trust = {**TRUST["wrapper"], "env": {"SSL_CERT_FILE": RAW, "KEEP": "x"}}
    own = [{"name": "REQUESTS_CA_BUNDLE", "value": RAW}]
    assert env(pod(trust, "deployment", env=own)) == {"KEEP": "x"}


def test_the_wrapper_s_options_are_such_as_exec_takes(pod, shipped, tmp_path):
    trust = {"mode": "wrapper", "base": "mozilla", "caBundle": {"pem": PEM, "pin": True}}
    trust |= {"mountPath": str(tmp_path), "wrapper": {"binary": str(shipped), "command": ["true"]}}
    (tmp_path / "client-ca-chain.pem").write_text(PEM)
    command = pod(trust)["spec"]["containers"][0]["command"]
    assert command[0] == str(shipped)
    done = binary.run(*command[1:])
    assert done.code == 0, done.stderr
