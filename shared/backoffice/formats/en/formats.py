"""Short, unmistakable and sortable by eye: 21 Nov 2026, 10:20."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
