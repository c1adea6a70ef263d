"""A real browser in front of a real server: pages, styles and scripts as people get them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.tenancy.models import Tenant
from tests.servers import ROOT, database_url, own_port

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a web process on this worker's database."""
    port = own_port(8900)
    environment = {
        **os.environ,
        "DATABASE_URL": database_url("trellis_web"),
        "TRELLIS_PROCESS": "web",
        "DEBUG": "1",  # static files straight from the apps
        "BASE_URL": f"http://localhost:{port}",
    }
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "config.wsgi:application"], cwd=ROOT, env=environment)
    address = f"http://localhost:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/health/live", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium; without one on the machine these tests are skipped, and say so.

    It ends with the module: its event loop would be in the way of tests that run one of their own.
    """
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # Playwright keeps an event loop in this thread, in which Django would refuse to ask the database.
    with pytest.MonkeyPatch.context() as patch, playwright.sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page, and what went wrong on it: requests to others, failed ones, errors of scripts."""

    def __init__(self, browser: Any, server: str, *, width: int = 1280, dark: bool = False) -> None:
        self.server = server
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page.on(
            "request", lambda r: self._fault(not r.url.startswith((server, "data:", "blob:")), r.url)
        )
        self.page.on("response", lambda r: self._fault(r.status >= 500, f"{r.status} {r.url}"))
        self.page.on("console", lambda m: self._fault(m.type == "error", m.text))
        self.page.on("pageerror", lambda e: self._fault(True, str(e)))

    def _fault(self, wrong: bool, what: str) -> None:
        if wrong:
            self.faults.append(what)

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto(f"{self.server}/admin/")
        self.page.fill("#id_username", email)
        self.page.fill("#id_password", password)
        self.page.click("#login-form button[type=submit]")

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.fixture
def visit(chromium: Any, server: str, committed: Callable[[str], Tenant]) -> Iterator[Callable[..., Visit]]:
    """Opens pages; at the end none may have had a fault."""
    visits: list[Visit] = []

    def open_page(**options: Any) -> Visit:
        visits.append(Visit(chromium, server, **options))
        return visits[-1]

    yield open_page
    faults = [fault for one in visits for fault in one.faults]
    for one in visits:
        one.context.close()
    assert faults == []
