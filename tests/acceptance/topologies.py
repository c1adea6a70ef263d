"""The three ways to run Trellis, each as an installation with real processes: shared, api, split."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared.devserver.ports import free_port
from shared.domains.registry import central_domain, domains, get_domain
from shared.domains.service_secrets import service_secret
from tests.acceptance.client import ApiClient
from tests.acceptance.installation import Installation
from tests.servers import SEED, database_url

TOPOLOGIES = ("shared", "api", "split")
SECRET_SEED = "acceptance"
_PORTS = {"shared": 21000, "api": 22000, "split": 23000}


@dataclass
class Topology:
    """A running installation: ``databases`` and ``addresses`` by domain, ``operator`` the commands' environment.

    Two tenants, acme and umbrella, each with a key for everything; ``password`` signs ann@acme.example in.
    """

    name: str
    installation: Installation
    operator: Path
    databases: dict[str, str]
    addresses: dict[str, str]
    files: dict[str, Path] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    password: str = ""

    def client(self, tenant: str = "acme", *, key: str | None = None) -> ApiClient:
        return ApiClient(self.addresses, self.keys[tenant] if key is None else key)

    def key(self, tenant: str, *scopes: str) -> str:
        """A new API key with these scopes."""
        given = [f"--scope={scope}" for scope in scopes]
        printed = self.installation.manage(
            self.operator, "create_api_key", tenant, "tests", "--rate-limit=1000000", *given
        )
        found = re.search(r"trl_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", printed)
        assert found, printed
        return found.group()


@contextmanager
def running(name: str, folder: Path) -> Iterator[Topology]:
    """A topology with its tenants, keys and people, until the block ends."""
    with Installation(folder) as installation:
        make = {"shared": _shared, "api": _api, "split": _split}[name]
        topology = make(installation)
        _people(topology)
        yield topology


def _people(topology: Topology) -> None:
    manage, operator = topology.installation.manage, topology.operator
    everything = [f"{domain.name}:{verb}" for domain in domains() for verb in ("read", "write")]
    for tenant in ("acme", "umbrella"):
        manage(operator, "create_tenant", tenant.title(), "--slug", tenant)
        topology.keys[tenant] = topology.key(tenant, *everything)
    printed = manage(operator, "create_administrator", "acme", "ann@acme.example", "--name", "Ann")
    found = re.search(r"Password: (\S+)", printed)
    assert found, printed
    topology.password = found.group(1)


def _operator(installation: Installation, databases: dict[str, str], **more: str) -> Path:
    """The environment of commands, which may act for all domains."""
    home = databases[central_domain().name]
    own = {
        f"{name.upper()}_DATABASE_URL": database_url("trellis_web", database=database)
        for name, database in databases.items()
        if database != home
    }
    return installation.write_environment(
        "operator",
        DATABASE_URL=database_url("trellis_web", database=home),
        BOOTSTRAP_DATABASE_URL=database_url(database=home),
        LOGIN_PASSWORD_SEED=SEED,
        SERVICE_SECRET_SEED=SECRET_SEED,
        **own,
        **more,
    )


def _shared(installation: Installation) -> Topology:
    """One process, one database; the apps ask the platform in the same process."""
    database = installation.copy_template("shared")
    databases = {domain.name: database for domain in domains()}
    operator = _operator(installation, databases)
    address = _address("shared", 0)
    web = installation.write_environment(
        "web", DATABASE_URL=database_url("trellis_web", database=database), BASE_URL=address
    )
    installation.serve(web, address=address)
    installation.deliver_events(operator, name="events")
    return Topology(
        "shared",
        installation,
        operator,
        databases,
        {domain.name: address for domain in domains()},
        {domain.name: web for domain in domains()},
    )


def _api(installation: Installation) -> Topology:
    """One database, two processes: the platform, and the apps, who reach it by HTTP and may not read its schema."""
    database = installation.copy_template("api")
    databases = {domain.name: database for domain in domains()}
    platform, apps = _address("api", 0), _address("api", 1)
    addresses = {domain.name: platform if domain.central else apps for domain in domains()}
    operator = _operator(installation, databases, PLATFORM_API_URL=platform)
    for command in ("prepare_database", "migrate"):
        installation.manage(operator, command)
    names = [domain.name for domain in domains() if not domain.central]
    topology = Topology("api", installation, operator, databases, addresses)
    _serve(topology, [central_domain().name])
    _serve(topology, names)
    installation.deliver_events(operator, name="events")
    return topology


def _split(installation: Installation) -> Topology:
    """A database and a process for each domain."""
    databases = {domain.name: installation.copy_template(domain.name, domain.name) for domain in domains()}
    addresses = {domain.name: _address("split", place) for place, domain in enumerate(domains())}
    operator = _operator(installation, databases, PLATFORM_API_URL=addresses[central_domain().name])
    for command in ("prepare_database", "migrate_domains"):  # the apps reach the platform by HTTP alone
        installation.manage(operator, command)
    topology = Topology("split", installation, operator, databases, addresses)
    for domain in domains():
        _serve(topology, [domain.name])
        _deliver(topology, domain.name)
    return topology


def _deliver(topology: Topology, name: str) -> None:
    """A delivery of events that knows its domain's database alone."""
    file = topology.installation.write_environment(
        f"events-{name}",
        SERVE=name,
        LOGIN_PASSWORD_SEED=SEED,
        PLATFORM_API_URL=topology.addresses[central_domain().name],
        **{f"{name.upper()}_DATABASE_URL": database_url("trellis_web", database=topology.databases[name])},
    )
    topology.installation.deliver_events(file, name=f"events-{name}")


def _serve(topology: Topology, names: list[str]) -> None:
    """A process limited to these domains, with their own logins and secrets."""
    variables = {
        "SERVE": ",".join(names),
        "BASE_URL": topology.addresses[names[0]],
        **{f"{name.upper()}_BASE_URL": address for name, address in topology.addresses.items()},
    }
    for name in names:
        login = get_domain(name).login
        variables[f"{name.upper()}_DATABASE_URL"] = database_url(login, database=topology.databases[name])
        if not get_domain(name).central:
            variables[f"{name.upper()}_SERVICE_SECRET"] = service_secret(SECRET_SEED, name)
    if central_domain().name in names:
        variables["SERVICE_SECRET_SEED"] = SECRET_SEED
    else:
        variables["PLATFORM_API_URL"] = topology.addresses[central_domain().name]
    file = topology.installation.write_environment("-".join(names), **variables)
    topology.files.update(dict.fromkeys(names, file))
    topology.installation.serve(file, address=topology.addresses[names[0]])


def _address(topology: str, place: int) -> str:
    return f"http://localhost:{free_port(_PORTS[topology] + 50 * place)}"
