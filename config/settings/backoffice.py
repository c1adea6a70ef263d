"""Settings of the back office: the admin's theme."""

UNFOLD = {
    "SITE_TITLE": "Trellis",
    "SITE_HEADER": "Trellis",
    "SITE_SYMBOL": "hub",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}
