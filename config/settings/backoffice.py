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
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "shared.backoffice.navigation.favicon"},
    ],
    "STYLES": ["shared.backoffice.navigation.stylesheet"],
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .018 165)",
            "100": "oklch(94% .042 165)",
            "200": "oklch(88.5% .075 165)",
            "300": "oklch(80.5% .105 164)",
            "400": "oklch(71.5% .118 163)",
            "500": "oklch(60% .115 163)",
            "600": "oklch(49% .098 164)",
            "700": "oklch(42.5% .085 165)",
            "800": "oklch(36.5% .07 166)",
            "900": "oklch(30.5% .055 168)",
            "950": "oklch(22% .04 169)",
        }
    },
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": "shared.backoffice.navigation.password_address"},
        ],
    },
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "navigation": "shared.backoffice.navigation.sidebar",
    },
}

LOGIN_REDIRECT_URL = "admin:index"
FORMAT_MODULE_PATH = ["shared.backoffice.formats"]

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLE_ADMIN = False
AXES_HANDLER = "shared.backoffice.lockout.LockoutHandler"
AXES_USERNAME_CALLABLE = "shared.backoffice.lockout.spelled_alike"
AXES_LOCKOUT_CALLABLE = "shared.backoffice.lockout.show_locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
