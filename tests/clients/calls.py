"""Calls of clients to a site, and what each came to: the client trusts the site, or refuses it.

A client trusts a site if it goes on after the handshake: the server has to hear from it. It refuses one if
the server hears nothing and the client says that the certificate is why.
"""

import contextlib
import re
from collections.abc import Mapping
from types import MappingProxyType

import image
import pytest
from support import binary, environment, fakes, jvm, tls_server
from support.sites import Site
from table.client import ENVIRONMENT, Client

TRUSTS, REFUSES = "trusts", "refuses"
REFUSAL = re.compile(
    r"certificate[ _]verify[ _]failed"  # OpenSSL, BoringSSL
    r"|unable to get local issuer certificate|unable to verify the first certificate"
    r"|SSL certificate problem|SSL peer certificate or SSH remote key was not OK"  # libcurl
    r"|certificate signed by unknown authority"  # Go
    r"|UnknownIssuer"  # rustls
    r"|PKIX path building failed"  # Java
    r"|server certificate verification failed|certificate of .* is not trusted"  # GnuTLS
    r"|not signed by known authorities"  # aria2, with GnuTLS
    r"|root certificate file .* does not exist"  # libpq, asyncpg
    r"|Could not verify the SSL certificate"  # Bundler
    r"|Could not open SSL root certificate file",  # pgjdbc
    re.IGNORECASE,
)
NOTHING: Mapping = MappingProxyType({})


class Calls:
    """The calls of clients to sites; one that was made is not made again."""

    def __init__(self, the_image: image.Image, customer: Site, public: Site, tree: binary.Tree):
        self.image = the_image
        self.customer = customer
        self.public = public
        self.tree = tree
        self._made: dict[tuple, str] = {}

    def as_it_is(self, client: Client, site: Site) -> str:
        return self._call(client, site)

    def under_exec(self, client: Client, site: Site, only: str | None = None) -> str:
        """Under exec, with all that it sets or with one of its variables alone."""
        command = [binary.path(), "exec", "--ca", self.customer.chain_file, "--"]
        if only:
            others = [name for name in environment.ca_variables() if name != only]
            command += ["env", *(f"--unset={name}" for name in others)]
        return self._call(client, site, *command)

    def with_its_line(self, client: Client, site: Site) -> str:
        line = client.line
        text = line.text.replace("/trust", str(self.tree.root))
        if line.place == ENVIRONMENT:
            name, value = text.split("=", 1)
            return self._call(client, site, env={name: value})
        directory = self.tree.root.with_name(client.name)
        directory.mkdir(exist_ok=True)
        file = directory / "trust.ini"
        file.write_text(f"{text}\n")
        led = {
            name: value.format(file=file, directory=directory)
            for name, value in line.variables.items()
        }
        return self._call(client, site, env=led)

    def with_variables(self, client: Client, site: Site, variables: Mapping[str, str]) -> str:
        return self._call(client, site, env=variables)

    def with_certifi_mounted(self, client: Client, site: Site) -> str:
        mounts = {self.image.certifi: self.tree / "python/cacert.pem"}
        return self._call(client, site, mounts=mounts)

    def _call(self, client: Client, site: Site, *before, env=NOTHING, mounts=NOTHING) -> str:
        env = {**_variables(client), **env}
        key = (client.command, site.url, before, *env.items(), *mounts.items())
        if key not in self._made:
            self._made[key] = self._answer(client, site, before, env, mounts)
        return self._made[key]

    def _answer(self, client: Client, site: Site, before, env: Mapping, mounts: Mapping) -> str:
        with contextlib.ExitStack() as stack:
            listener = site.listener
            if client.starttls:
                key = site.server_file.with_name("key.pem")
                talk = fakes.STARTTLS[client.starttls]
                listener = stack.enter_context(tls_server.serve(site.server_file, key, before=talk))
            heard = len(listener.heard)
            url = f"https://localhost:{listener.port}/"
            done = self.image.run(*before, *client.command, url, env=env, mounts=mounts)
            went_on = len(listener.heard) > heard
        said = f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        # Some wrap their lines.
        refused = REFUSAL.search(" ".join(said.split())) is not None
        if went_on and not refused and (done.returncode == 0 or not client.succeeds):
            return TRUSTS
        if refused and not went_on and done.returncode != 0:
            return REFUSES
        pytest.fail(f"neither trusts nor refuses, the server heard it: {went_on}: {said}")


def _variables(client: Client) -> dict[str, str]:
    """What the client is started with, in the image."""
    if client.java is None:
        return dict(client.env)
    home = jvm.get(image.newest_jdks()[client.java]).home
    return {"JAVA_HOME": str(home), **client.env}
