"""Platforms that misbehave, for settings.PLATFORM_CLIENT."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from platform_core.client import InProcessPlatformClient
from shared.platform_client import CustomerIntelligence, CustomerNotFound, PlatformUnavailable
from shared.session import current

DOWN = "tests.support.platforms.PlatformDown"
DOWN_AFTERWARDS = "tests.support.platforms.PlatformDownAfterwards"
FORGETFUL = "tests.support.platforms.ForgetfulPlatform"
WATCHED = "tests.support.platforms.WatchedPlatform"


class PlatformDown:
    """Does not answer."""

    def __init__(self, **_: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        def unavailable(*args: Any, **kwargs: Any) -> NoReturn:
            raise PlatformUnavailable

        return unavailable


class PlatformDownAfterwards(InProcessPlatformClient):
    """Finds customers, then does not answer any more."""

    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        raise PlatformUnavailable


class ForgetfulPlatform(InProcessPlatformClient):
    """The customer was erased between the first question and the second."""

    def get_customer_intelligence(self, customer_id: uuid.UUID) -> CustomerIntelligence:
        raise CustomerNotFound


class WatchedPlatform(InProcessPlatformClient):
    """Notes whether it is asked inside of somebody's unit of work."""

    asked_inside_a_unit: list[bool] = []

    def _unit(self) -> Any:
        self.asked_inside_a_unit.append(current() is not None)
        return super()._unit()
