"""Pause image and port-forward: what is changed on a healthy node, and what must be said of it, by check."""

from __future__ import annotations

from cases_node import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, WARN
from node_changes import Case, Change, gone, in_line, put, stopped, unread
from runtime_changes import (
    absent,
    build,
    config,
    containerd,
    copy_of,
    docker,
    image,
    imports,
    kubernetes,
    logged,
    no_version,
    says,
    windows,
)

from checks.facts import VariableFact
from checks.finding import Verdict

V3 = (
    "version = 3\nimports = ['C:\\Program Files\\containerd\\conf.d\\*.toml']\n"
    "[plugins.'io.containerd.cri.v1.images'.pinned_images]\n  sandbox = 'registry.k8s.io/pause:3.10.2'\n"
)
V1 = '[plugins]\n  [plugins.cri]\n    sandbox_image = "mcr.microsoft.com/oss/kubernetes/pause:3.6"\n'
DROP_IN = "C:\\Program Files\\containerd\\conf.d\\50-pause.toml"
OTHER = "[plugins.'io.containerd.cri.v1.images'.pinned_images]\nsandbox = 'registry.k8s.io/pause:3.5'\n"
MIRROR = "rancher/mirrored-pause:3.10.2"
OWN = "registry.example.com/pause:win"
MISMATCH = (
    'E0530 11:42:13.374889 1 pod_workers.go:186] "failed to start sandbox container for pod: failure in a Windows '
    'system call: (0xc0370101)"'
)


def native(name: str, verdict: Verdict, reason: str, *changes: Change, layout: str = "hostprocess") -> Case:
    return Case(name, layout, changes, verdict, reason)


FITS = (
    *(native(f"healthy {layout}", PASS, "fits", layout=layout) for layout in ("sdn-nssm", "hostprocess", "rke2")),
    native("version 1", PASS, "fits", config(V1)),
    native("version 3", PASS, "fits", config(V3), containerd("2.3.0"), build(26100)),
    native("version 2 on containerd 2", PASS, "fits", containerd("2.1.4")),
    native("version 1 on containerd 2", UNKNOWN, "config-unusable", config(V1), containerd("2.0.0")),
    native("version 3 on containerd 1", UNKNOWN, "config-unusable", config(V3)),
    native("broken file", UNKNOWN, "config-unusable", config("[plugins")),
    native(
        "no UTF-8 for containerd 2", UNKNOWN, "config-unusable", config(b"version = 2 # \xb0\xa1"), containerd("2.0.1")
    ),
    native("no UTF-8 for containerd 1", PASS, "fits", config(b"version = 2 # \xb0\xa1\n")),
    native("no file, default of 1.7", PASS, "fits", config(None)),
    native("no file, default of 1.6.8", WARN, "frozen", config(None), containerd("1.6.8")),
    native("no file, default of 1.5.14", PASS, "fits", config(None), containerd("1.5.14")),
    native("no file, containerd of tomorrow", UNKNOWN, "default-unknown", config(None), containerd("2.9.0")),
    native("no file, containerd of long ago", UNKNOWN, "default-unknown", config(None), containerd("1.2.0")),
    native("no key", PASS, "fits", config("version = 2\n")),
    native("section of another version", PASS, "fits", config("version = 2\n" + V1)),
    native(
        "drop-in from 2.2",
        FAIL,
        "no-build",
        config("version = 3\n"),
        imports(DROP_IN, "version = 3\n" + OTHER),
        containerd("2.2.0"),
        build(20348),
    ),
    native(
        "drop-in before 2.2",
        PASS,
        "fits",
        config("version = 3\n"),
        imports(DROP_IN, "version = 3\n" + OTHER),
        containerd("2.1.0"),
        build(20348),
    ),
    native(
        "drop-in that is imported",
        FAIL,
        "no-build",
        config(V3),
        imports(DROP_IN, "version = 3\n" + OTHER),
        containerd("2.1.0"),
        build(20348),
    ),
    native(
        "relative import",
        FAIL,
        "no-build",
        config('version = 2\nimports = ["more/*.toml"]\n'),
        imports(
            "C:\\Program Files\\containerd\\more\\a.toml",
            'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "registry.k8s.io/pause:3.5"\n',
        ),
        build(20348),
    ),
    native("Linux only", FAIL, "linux-only", image("k8s.gcr.io/pause:3.2")),
    native("no build of 2022", FAIL, "no-build", image("registry.k8s.io/pause:3.5"), build(20348)),
    native("no build of 2016", FAIL, "no-build", build(14393)),
    native("nanoserver of this release", PASS, "fits", image("mcr.microsoft.com/windows/nanoserver:1809")),
    native("nanoserver of another", FAIL, "no-build", image("mcr.microsoft.com/windows/nanoserver:1809"), build(20348)),
    native("mirror", PASS, "fits", image("mcr.microsoft.com/oss/kubernetes/pause:3.9")),
    native("with a digest", PASS, "fits", image("registry.k8s.io/pause:3.9@sha256:0123")),
    native("2025 through 2022", WARN, "newer-host", build(26100)),
    native("2025 with an old containerd", FAIL, "old-containerd", build(26100), containerd("1.7.5")),
    native("2025 with containerd 1.6.23", WARN, "newer-host", build(26100), containerd("1.6.23")),
    native("2025 with containerd 1.5", FAIL, "old-containerd", build(26100), containerd("1.5.18")),
    native("2025 with Docker", WARN, "newer-host", build(26100), layout="sdn-nssm"),
    native("frozen registry", WARN, "frozen", image("k8s.gcr.io/pause:3.6")),
    native(
        "kubelet names another",
        WARN,
        "kubelet-differs",
        in_line("kubelet", " --kubeconfig", " --pod-infra-container-image=registry.k8s.io/pause:3.6 --kubeconfig"),
    ),
    native(
        "kubelet names the same",
        PASS,
        "fits",
        in_line("kubelet", " --kubeconfig", " --pod-infra-container-image=registry.k8s.io/pause:3.9 --kubeconfig"),
    ),
    native(
        "RKE2 is set to another",
        WARN,
        "rke2-differs",
        put("profile.rke2_settings", (VariableFact("pause-image", "registry.k8s.io/pause:3.6"),)),
        layout="rke2",
    ),
    native(
        "RKE2 is set to one that does not fit",
        FAIL,
        "linux-only",
        put("profile.rke2_settings", (VariableFact("pause-image", "registry.k8s.io/pause:3.2"),)),
        layout="rke2",
    ),
    native(
        "RKE2 is set to an own one, the one in force is not known",
        WARN,
        "rke2-differs",
        image("rancher/mirrored-pause:3.6"),
        put("profile.rke2_settings", (VariableFact("pause-image", OWN),)),
        layout="rke2",
    ),
    native(
        "RKE2 is set to what is in force",
        PASS,
        "fits",
        put("profile.rke2_settings", (VariableFact("pause-image", "registry.k8s.io/pause:3.9"),)),
        layout="rke2",
    ),
    native(
        "another layout has no such setting",
        PASS,
        "fits",
        put("profile.rke2_settings", (VariableFact("pause-image", "registry.k8s.io/pause:3.2"),)),
    ),
    native("tag of tomorrow, no copy", WARN, "tag-unknown", image("registry.k8s.io/pause:3.99")),
    native(
        "tag of tomorrow, copy fits",
        PASS,
        "fits",
        image("registry.k8s.io/pause:3.99"),
        copy_of("registry.k8s.io/pause:3.99", windows(17763)),
    ),
    native(
        "mirror of Rancher, not asked", UNKNOWN, "image-unknown", image("rancher/mirrored-pause:3.6"), layout="rke2"
    ),
    native("own image, not asked", UNKNOWN, "image-unknown", image(OWN)),
    native("own image, not here", UNKNOWN, "image-unknown", image(OWN), copy_of(OWN, None)),
    native("own image fits", PASS, "fits", image(OWN), copy_of(OWN, windows(17763))),
    native("own image does not fit", FAIL, "no-build", image(OWN), copy_of(OWN, windows(20348))),
    native("own image is for Linux", FAIL, "linux-only", image(OWN), copy_of(OWN, {"os": "linux"})),
    native("own image says nothing", UNKNOWN, "image-unknown", image(OWN), copy_of(OWN, {"os": "windows"})),
    native("own image without a tag", UNKNOWN, "image-unknown", image("registry.example.com:5000/pause")),
    native("only a digest", WARN, "tag-unknown", image("registry.k8s.io/pause@sha256:0123")),
    native("list maybe cut off, 2022", WARN, "newer-host", image(MIRROR), build(26100)),
    native(
        "list maybe cut off, the copy tells",
        PASS,
        "fits",
        image(MIRROR),
        build(26100),
        copy_of(MIRROR, windows(26100)),
    ),
    native("list cut off", UNKNOWN, "image-unknown", image("mcr.microsoft.com/k8s/core/pause:1.2.0")),
    native(
        "log names it",
        FAIL,
        "log-refused",
        image(OWN),
        logged(f'E1 failed to pull image "{OWN}": no match for platform in manifest'),
    ),
    native(
        "log of another image", UNKNOWN, "image-unknown", image(OWN), logged("E1 x: no match for platform in manifest")
    ),
    native(
        "Docker's log",
        FAIL,
        "log-refused",
        in_line("kubelet", "registry.k8s.io/pause:3.9", "kubeletwin/pause"),
        logged(MISMATCH),
        layout="sdn-nssm",
    ),
    native(
        "Docker without the flag",
        UNKNOWN,
        "default-unknown",
        in_line("kubelet", " --pod-infra-container-image=registry.k8s.io/pause:3.9", ""),
        layout="sdn-nssm",
    ),
    native("Docker beside containerd", PASS, "fits", docker()),
    native(
        "Docker through kubelet's flag",
        UNKNOWN,
        "default-unknown",
        docker(),
        in_line("kubelet", " --kubeconfig", " --network-plugin=cni --kubeconfig"),
    ),
    native("kubelet down under NSSM", PASS, "fits", stopped("kubelet"), layout="sdn-nssm"),
    Case(
        "kubelet's line not known",
        "sdn-nssm",
        (put("daemons.processes", ()), put("daemons.services", ())),
        UNKNOWN,
        "not-read",
        cause="node.kubelet-runs",
    ),
    native("RKE2 is down", PASS, "fits", gone("containerd"), layout="rke2"),
    native("version not read", UNKNOWN, "not-read", no_version("containerd")),
    native("no containerd.exe", UNKNOWN, "not-read", absent("containerd")),
    native("no version in its words", UNKNOWN, "not-read", says("containerd", output="hello")),
    native("file elsewhere", UNKNOWN, "not-read", config("", path="C:\\other.toml")),
    native("file not given out", UNKNOWN, "not-read", put("profile.containerd_config", ())),
    *(
        native(f"{path} unread", UNKNOWN, "not-read", unread(path))
        for path in (
            "system",
            "system.build",
            "daemons",
            "profile",
            "profile.containerd_config",
            "runtime",
            "runtime.programs",
        )
    ),
)

TOOL = (
    *(native(f"healthy {layout}", PASS, "has-tool", layout=layout) for layout in ("sdn-nssm", "hostprocess", "rke2")),
    native("containerd dials itself", NOT_APPLICABLE, "not-needed", containerd("2.0.0")),
    native("nanoserver", FAIL, "no-tool", image("mcr.microsoft.com/windows/nanoserver:1809")),
    native("built on the node", FAIL, "no-tool", image("kubeletwin/pause:latest")),
    Case("Linux only", "hostprocess", (image("k8s.gcr.io/pause:3.1"),), FAIL, "no-tool", (), "node.pause-image-fits"),
    native("old one of Microsoft", FAIL, "no-tool", image("mcr.microsoft.com/oss/kubernetes/pause:1.3.0")),
    native("newer one of Microsoft", PASS, "has-tool", image("mcr.microsoft.com/oss/kubernetes/pause:1.4.1")),
    native("mirror of Rancher", PASS, "has-tool", image("rancher/mirrored-pause:3.6"), layout="rke2"),
    native("tag of tomorrow", PASS, "has-tool", image("registry.k8s.io/pause:3.99")),
    native("own image", UNKNOWN, "image-unknown", image(OWN)),
    native("image of long ago", UNKNOWN, "image-unknown", image("mcr.microsoft.com/k8s/core/pause:1.2.0")),
    native("kubelet of long ago", FAIL, "kubelet-too-old", kubernetes("1.14.10")),
    native("log says so", WARN, "log-says-missing", logged('{"CommandLine":"wincat.exe 127.0.0.1 80"}')),
    Case("broken file", "hostprocess", (config("x"),), UNKNOWN, "config-unusable", (), "node.containerd-config"),
    native("kubelet's version not read", UNKNOWN, "not-read", no_version("kubelet")),
    native("containerd's version not read", UNKNOWN, "not-read", no_version("containerd")),
    native("default not known", UNKNOWN, "default-unknown", config(None), containerd("1.2.0")),
    *(
        native(f"{path} unread", UNKNOWN, "not-read", unread(path))
        for path in ("daemons", "runtime", "runtime.kubelet_log")
    ),
)

# A file that containerd refuses is the cause of what can't be told of its image.
FITS = tuple(
    Case(one.name, one.layout, one.changes, one.verdict, one.reason, (), "node.containerd-config")
    if one.reason == "config-unusable"
    else one
    for one in FITS
)
CASES = {"node.pause-image-fits": FITS, "node.port-forward-tool": TOOL}
