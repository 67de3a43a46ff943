"""The values that every way of running is rendered with, and what they are called."""

from __future__ import annotations

from support import helm

PEM = (helm.REPOSITORY / "examples" / "client-ca-chain.pem").read_text()
GIVEN = {"pem": PEM}
HASH = "0123456789abcdef" * 4
CORPORATE = {"name": "corporate-cas", "key": "ca.crt"}
RAW = "/etc/pki/custom-certs/client-ca-chain.pem"

# Values below `trust.`.
TRUST: dict[str, dict] = {
    "defaults": {},
    "off": {"enabled": False},
    "chain": {"caBundle": GIVEN},
    "secret": {"caBundle": {**GIVEN, "kind": "Secret", "reason": 'a "proxy": étage 3\nline'}},
    "existing": {"caBundle": {"existing": {"name": "from-trust-manager", "key": "bundle.pem"}}},
    "existing-secret": {
        "caBundle": {
            "kind": "Secret",
            "existing": {"name": "made-elsewhere", "key": "ca.p7b", "sha256": HASH, "wait": 60},
        }
    },
    "optional": {
        "optional": True,
        "caBundle": {"existing": {"name": "injected", "key": "ca-bundle.crt", "wait": 10}},
    },
    "optional-wrapper": {
        "optional": True,
        "mode": "wrapper",
        "caBundle": {"kind": "Secret", "existing": {"name": "made-elsewhere", "key": "ca.crt"}},
    },
    "optional-sidecar": {
        "optional": True,
        "mode": "sidecar",
        "base": "none",
        "platform": [CORPORATE],
        "caBundle": {"existing": {"name": "from-trust-manager", "key": "bundle.pem"}},
    },
    "platform-only": {"platform": [CORPORATE, {"kind": "Secret", "name": "more", "key": "x.pem"}]},
    "platform": {"caBundle": GIVEN, "platform": [CORPORATE]},
    "cluster-bundles": {
        "caBundle": GIVEN,
        "platform": [
            {"kind": "ClusterTrustBundle", "name": "example.com:corporate:1"},
            {
                "kind": "ClusterTrustBundle",
                "signerName": "example.com/corporate",
                "labelSelector": {"matchLabels": {"example.com/trust": "yes"}},
            },
        ],
    },
    "pinned": {"caBundle": {**GIVEN, "pin": True}},
    "pinned-secret": {"caBundle": {**GIVEN, "pin": True, "kind": "Secret"}},
    "mozilla": {"caBundle": GIVEN, "base": "mozilla"},
    "none": {"caBundle": GIVEN, "base": "none"},
    "none-platform": {"platform": [CORPORATE], "base": "none"},
    "rhel": {"caBundle": GIVEN, "osLayout": "rhel"},
    "suse": {"caBundle": GIVEN, "osLayout": "suse", "base": "mozilla"},
    "wrapper": {"mode": "wrapper", "caBundle": GIVEN, "platform": [CORPORATE]},
    "wrapper-in-image": {
        "mode": "wrapper",
        "caBundle": GIVEN,
        "base": "mozilla",
        "wrapper": {"binary": "/usr/local/bin/trust-init", "command": ["/entry", "--x y"]},
    },
    "sidecar": {"mode": "sidecar", "caBundle": GIVEN, "platform": [CORPORATE]},
    "sidecar-existing": {
        "mode": "sidecar",
        "caBundle": {"existing": {"name": "x", "key": "ca.crt", "sha256": HASH, "wait": 30}},
        "base": "mozilla",
        "osLayout": "rhel",
        "rollOnChange": True,
    },
    "sidecar-platform": {"mode": "sidecar", "platform": [CORPORATE], "base": "none"},
    "prebuilt": {"mode": "prebuilt"},
    "prebuilt-all": {
        "mode": "prebuilt",
        "prebuilt": {
            "name": "stores",
            "kind": "Secret",
            "auto": True,
            "platform": True,
            "overImage": True,
            "names": {"java": "stores-java-0123456789"},
        },
        "osLayout": "suse",
        "java": {"store": "jks"},
        "mountPath": "/opt/customer",
        "fileName": "chain.pem",
    },
    "prebuilt-least": {
        "mode": "prebuilt",
        "prebuilt": {"chain": False},
        "updateOsTrust": False,
        "updateJavaTrust": False,
    },
    "least": {"caBundle": GIVEN, "updateOsTrust": False, "updateJavaTrust": False},
    "older-values": {
        "caBundle": GIVEN,
        "env": {"SSL_CERT_FILE": RAW, "REQUESTS_CA_BUNDLE": RAW, "CORPORATE_CA": RAW},
    },
    "all": {
        "caBundle": {**GIVEN, "kind": "Secret", "pin": True, "reason": "their proxy"},
        "mountPath": "/opt/customer/",
        "fileName": "chain_1.pem",
        "env": {"PIP_CERT": "", "JAVA_TOOL_OPTIONS": "-Xss2m", "EXAMPLE": "a b", "NUMBER": "7"},
        "platform": [CORPORATE],
        "java": {"store": "pkcs12-mac", "toolOptions": True},
        "policy": {
            "allow": ["roots-old"],
            "warn": ["duplicate"],
            "drop": ["not-a-ca"],
            "deny": ["expired", "weak-key"],
            "block": [HASH],
            "expiresSoon": "60d",
            "maxSize": 131072,
        },
        "image": {
            "registry": "registry.example.com:5000/mirror",
            "digest": f"sha256:{HASH}",
            "pullPolicy": "Always",
            "pullSecrets": ["registry-key"],
        },
        "resources": {"requests": {"cpu": "1m"}},
        "volume": {"sizeLimit": "64Mi", "medium": "Memory"},
        "rollOnChange": True,
    },
}

RUNS = ("spark-submit", "kubeflow", "apache", "deployment")


def chart_of(run: str) -> str:
    return "examples/deployment" if run == "deployment" else "charts/spark-customer"


def values_of(run: str, trust: dict, **more) -> dict:
    """Values of the chart that runs so."""
    return {"trust": trust, **more} | ({} if run == "deployment" else {"run": run})
