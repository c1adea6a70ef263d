"""A client of the API, and a person with a browser's cookies; both know nothing but addresses."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class ApiClient:
    """One API key at the addresses of an installation: ``client.post("support/tickets", {...})``.

    The first part of a path is the domain, whose process is asked.
    """

    def __init__(self, addresses: dict[str, str], key: str) -> None:
        self.addresses = addresses
        self.key = key

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("POST", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, body, headers)

    def send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        domain = path.partition("/")[0]
        address = self.addresses["platform" if domain == "intelligence" else domain]
        said = {"Accept": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.key:
            said["Authorization"] = f"Bearer {self.key}"
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            said["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{address}/api/{path}", data=data, headers=said, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return _read(answer.status, answer)
        except urllib.error.HTTPError as error:
            return _read(error.code, error)


def _read(status: int, answer: Any) -> Answer:
    raw = answer.read()
    kind = answer.headers.get("Content-Type", "")
    body = json.loads(raw) if "json" in kind and raw else raw.decode(errors="replace")
    return Answer(status, body, {name.lower(): value for name, value in answer.headers.items()})


class Person:
    """Somebody with a browser: follows redirects, keeps cookies, fills in the sign-in form."""

    def __init__(self) -> None:
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def open(self, address: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """The page and the address where it was found at last."""
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(address, data=data, headers={"Referer": address})
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                return answer.read().decode(), answer.url
        except urllib.error.HTTPError as error:
            return error.read().decode(), error.url or address

    def sign_in(self, page: str, address: str, email: str, password: str) -> tuple[str, str]:
        """Send the sign-in form of a page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:2000]
        found = re.search(r'name="next" value="([^"]*)"', page)
        form = {"csrfmiddlewaretoken": token.group(1), "username": email, "password": password}
        if found:
            form["next"] = found.group(1).replace("&amp;", "&")
        return self.open(address, form)
