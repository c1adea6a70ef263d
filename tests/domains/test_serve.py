"""SERVE limits a process to some domains: real processes, each with its domain's own login."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.servers import ROOT, database_url

SUPPORT = "trellis_support_app"
EVERYWHERE = ("purge-idempotency-keys", "seal-activity", "apply-retention")
"""What the scheduler has done in each database."""


def environment(serve: str, login: str = SUPPORT, **variables: str) -> dict[str, str]:
    """The environment of an app's process: its own URL, no other."""
    name = serve.partition(",")[0].upper()
    kept = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")}
    return {
        **kept,
        "SERVE": serve,
        "PLATFORM_API_URL": "http://127.0.0.1:9",
        f"{name}_DATABASE_URL": database_url(login),
        "SERVICE_SECRET_SEED": "services",
        **variables,
    }


def run(code: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, cwd=ROOT)


def told(code: str, env: dict[str, str]) -> Any:
    """What a process answers in JSON."""
    done = run("import json, config.wsgi\nfrom django.test import Client\n" + code, env)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_another_domains_address_says_where_it_is() -> None:
    answers = told(
        "c = Client()\n"
        "paths = ('/api/support/tickets', '/api/crm/deals', '/api/marketing/1', '/api/crmx', '/api/intelligence')\n"
        "print(json.dumps([[c.get(p).status_code, c.get(p).json()] for p in paths]))",
        environment("support", CRM_BASE_URL="https://crm.example.com"),
    )
    assert [status for status, _ in answers] == [401, 404, 404, 404, 404]
    assert answers[1][1]["type"] == "urn:trellis:problem:served_elsewhere"
    assert answers[1][1]["url"] == "https://crm.example.com/api/crm/deals"
    assert (
        answers[1][1]["detail"]
        == "This process serves support, not crm: call https://crm.example.com/api/crm/deals."
    )
    assert (
        answers[2][1]["detail"] == "This process serves support, not marketing: call the process that does."
    )
    assert answers[3][1]["type"] == "urn:trellis:problem:not_found"
    assert "not platform" in answers[4][1]["detail"]


def test_documents_hold_the_served_domains_alone() -> None:
    paths = told(
        "print(json.dumps(list(Client().get('/api/schema/').json()['paths'])))", environment("support")
    )
    assert paths
    assert {path.split("/")[2] for path in paths} == {"support"}


def test_health_says_what_is_served() -> None:
    body = told("print(json.dumps(Client().get('/health/ready').json()))", environment("support"))
    assert body["serves"] == ["support"]
    assert body["checks"]["database"] == "ok"


def test_a_login_that_may_become_another_domains_role_is_refused() -> None:
    done = run("import config.wsgi", environment("support", login="trellis_web"))
    assert done.returncode != 0
    assert "member of trellis_platform and trellis_crm" in done.stderr.strip().splitlines()[-1]
    assert "Use the login trellis_support_app" in done.stderr.strip().splitlines()[-1]


def test_the_common_login_is_not_used_where_every_domain_has_its_own() -> None:
    done = run("import config.wsgi", environment("support", DATABASE_URL=database_url("trellis_web")))
    assert done.returncode == 0, done.stderr


def test_a_name_that_no_domain_has_is_refused() -> None:
    done = run("import config.wsgi", environment("support,suport"))
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("SERVE names suport, which is no domain: choose among platform, support, crm, marketing.")
    )


@pytest.mark.parametrize("module", ["config.wsgi", "config.asgi", "config.celery"])
def test_an_app_that_could_not_reach_the_platform_is_refused(module: str) -> None:
    done = run(f"import {module}", environment("support", PLATFORM_API_URL=""))
    assert done.returncode != 0
    assert "set PLATFORM_API_URL, or add platform to SERVE." in done.stderr.strip().splitlines()[-1]


def test_an_address_that_is_none_is_refused() -> None:
    done = run("import config.wsgi", environment("support", CRM_BASE_URL="crm.example.com"))
    assert "CRM_BASE_URL must be a scheme and a host" in done.stderr.strip().splitlines()[-1]


def test_a_worker_takes_and_schedules_the_work_of_its_domains() -> None:
    code = (
        "import json, config.celery as c\n"
        "print(json.dumps([[q.name for q in c.app.conf.task_queues], c.app.conf.task_default_queue, "
        "{n: e.get('kwargs') for n, e in c.app.conf.beat_schedule.items()}]))"
    )
    done = run(code, environment("support", TRELLIS_PROCESS="worker"))
    assert json.loads(done.stdout) == [
        ["support"],
        "support",
        {f"{name}-support": {"domain": "support", "once_per_database": True} for name in EVERYWHERE},
    ]
    done = run(code, os.environ | {"TRELLIS_PROCESS": "worker"})
    assert json.loads(done.stdout)[2] == {
        **{
            f"{name}-{domain}": {"domain": domain, "once_per_database": True}
            for name in EVERYWHERE
            for domain in ("platform", "support", "crm", "marketing")
        },
        "sync-tenancy": None,  # a domain may move while the scheduler runs
        "clear-expired-sessions": None,
    }


def test_a_worker_purges_the_keys_of_its_own_database() -> None:
    code = (
        "import django; django.setup()\n"
        "from shared.tasks import purge_idempotency_keys\n"
        "print(purge_idempotency_keys(domain='support'))\n"
        "try: purge_idempotency_keys(domain='crm')\n"
        "except Exception as error: print(error)"
    )
    env = environment("support", TRELLIS_PROCESS="worker", DJANGO_SETTINGS_MODULE="config.settings")
    done = run(code, {**env, "SUPPORT_WORKER_DATABASE_URL": database_url("trellis_worker")})
    assert done.returncode == 0, done.stderr[-2000:]
    purged, refused = done.stdout.strip().splitlines()
    assert purged.isdigit()
    assert "cannot act for crm" in refused


def test_a_command_refuses_with_one_sentence() -> None:
    env = environment("support", SERVE="suport")
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], env=env, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stderr.strip() == (
        "SERVE names suport, which is no domain: choose among platform, support, crm, marketing."
    )


def test_a_command_of_the_platform_says_that_it_is_not_served_here() -> None:
    env = environment("support", SUPPORT_WORKER_DATABASE_URL=database_url("trellis_worker"))
    done = subprocess.run(
        [sys.executable, "manage.py", "create_tenant", "Acme"],
        env={key: value for key, value in env.items() if key != "TRELLIS_PROCESS"},
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stderr.strip() == (
        "This process serves support alone and cannot act for platform: ask it by its API, or add it to SERVE."
    )
