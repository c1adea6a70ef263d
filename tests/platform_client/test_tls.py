"""Over TLS the platform must prove who it is, and the deadline holds as well."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from shared.platform_client import PlatformUnavailable, platform_client
from shared.platform_client.transport import TransportError
from shared.records import uuid7
from tests.platform_client.conftest import ask_over_http
from tests.platform_client.servers import answering, dripping, json_answer, misbehaving_server

_NOBODY = b'{"type": "urn:trellis:problem:customer_not_found", "detail": "There is none."}'


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = (folder / "certificate.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", str(made[0]), "-keyout", str(made[1])],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


def ask(settings: Settings, certificate: tuple[Path, Path], behave: object) -> object:
    """Ask a server that speaks TLS and then does as it likes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def speak(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            behave(encrypted)  # type: ignore[operator]

    with misbehaving_server(speak) as url:
        ask_over_http(settings, url.replace("http:", "https:"))
        client = platform_client(organization=uuid7(), domain="support")
        return client.find_customer_by_email("ada@example.com")


def test_a_known_certificate_is_enough(
    settings: Settings, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert ask(settings, certificate, answering(json_answer(_NOBODY, "404 Not Found"))) is None


def test_an_unknown_certificate_is_no_platform(settings: Settings, certificate: tuple[Path, Path]) -> None:
    with pytest.raises(TransportError) as failed:
        ask(settings, certificate, answering(json_answer(_NOBODY, "404 Not Found")))
    assert failed.value.kind == "connect"


def test_a_server_that_drips_gets_no_more_time(
    settings: Settings, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    begin = time.monotonic()
    with pytest.raises(PlatformUnavailable) as failed:
        ask(settings, certificate, dripping)
    assert getattr(failed.value, "kind", "") == "timeout"
    assert time.monotonic() - begin < 1.2
