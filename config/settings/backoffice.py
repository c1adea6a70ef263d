"""Settings of the back office: the admin's theme, and the lock-out of sign-in."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Trellis",
    "SITE_HEADER": "Trellis",
    "SITE_SYMBOL": "deployed_code",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "navigation": "shared.backoffice.navigation.sidebar",
    },
}

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLE_ADMIN = False
AXES_HANDLER = "shared.backoffice.lockout.LockoutHandler"
AXES_USERNAME_CALLABLE = "shared.backoffice.lockout.spelled_alike"
AXES_LOCKOUT_CALLABLE = "shared.backoffice.lockout.show_locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
