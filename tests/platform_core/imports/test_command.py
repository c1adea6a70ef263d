"""The command: what it prints, how it ends, and that a killed import goes on where it stopped."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from platform_core.models import ImportBatch
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.platform_core.imports.files import cdnow, counts, fingerprint
from tests.servers import ROOT

WORKER = {"TRELLIS_PROCESS": "worker"}


def command(path: Path, tenant: Tenant, *options: str) -> list[str]:
    return [sys.executable, "manage.py", "import_customers", str(path), "--tenant", tenant.slug, *options]


@pytest.mark.faults
def test_a_killed_import_goes_on_where_it_stopped(committed: Callable[[str], Tenant], tmp_path: Path) -> None:
    tenant, other = committed("Killed"), committed("Whole")
    lines = [f" {n % 4000:05} 199701{n % 28 + 1:02}  {n % 3 + 1}   {n % 50}.50" for n in range(12_000)]
    lines[11] = " 00001 not-a-date 1 1.00"
    path = cdnow(tmp_path / "master.txt", *lines)
    errors = ("--errors", str(tmp_path / "errors.jsonl"))
    environment = {**os.environ, **WORKER}
    process = subprocess.Popen(
        command(path, tenant, "--batch-size", "500", *errors),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    position = 0
    while position < 3000:
        assert time.monotonic() < deadline
        assert process.poll() is None, "the import ended before it could be killed"
        with acting(domain="platform", organization=tenant.id):
            position = ImportBatch.objects.values_list("position", flat=True).first() or 0
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert counts(tenant)[1] < 11_999
    done = subprocess.run(
        command(path, tenant, "--resume", *errors), cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Resumed after line" in done.stdout
    assert counts(tenant) == (4000, 11_999)
    assert len((tmp_path / "errors.jsonl").read_text().splitlines()) == 1
    before = fingerprint(tenant)
    for options in ((), ("--resume",)):
        again = subprocess.run(
            command(path, tenant, *options, *errors),
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert again.returncode == 0, again.stderr
        assert fingerprint(tenant) == before
    assert counts(other) == (0, 0)


def test_the_summary_and_the_exit_code(worker_login: Callable[[str], Tenant], tmp_path: Path) -> None:
    tenant = worker_login("Summary")
    path = cdnow(tmp_path / "master.txt", " 00001 19970101  1   11.77", " 00001 x  1   11.77")
    errors = tmp_path / "bad.csv"
    out = io.StringIO()
    call_command("import_customers", str(path), tenant=tenant.slug, errors=errors, stdout=out)
    for word in (
        "Rows read               2",
        "Rows loaded             1",
        "Customers               1",
        "Interactions            1",
        "Bad rows                1",
        "bad.csv",
    ):
        assert word in out.getvalue()
    assert errors.read_text().startswith("line,reason,text\n3,")
    with pytest.raises(CommandError, match="1 bad rows"):
        call_command(
            "import_customers", str(path), tenant=tenant.slug, errors=errors, strict=True, stdout=out
        )


def test_what_cannot_begin_is_one_sentence(worker_login: Callable[[str], Tenant], tmp_path: Path) -> None:
    tenant = worker_login("Sentence")
    path = cdnow(tmp_path / "master.txt", " 00001 19970101  1   11.77")
    for arguments, options in (
        ([str(tmp_path / "missing.txt")], {}),
        ([str(path)], {"tenant": "nobody-has-this"}),
        ([str(path)], {"mapping": tmp_path / "missing.toml"}),
        ([str(path)], {"batch_size": 0}),
        ([str(path)], {"errors": tmp_path / "no" / "such" / "folder.jsonl"}),
    ):
        with pytest.raises(CommandError) as refused:
            call_command(
                "import_customers", *arguments, **{"tenant": tenant.slug, **options}, stdout=io.StringIO()
            )
        assert "\n" not in str(refused.value)
        assert "Traceback" not in str(refused.value)
    assert counts(tenant) == (0, 0)
