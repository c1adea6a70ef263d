"""The stock project's tickets, remembered by django-simple-history as its documentation shows it."""

from __future__ import annotations

from simple_history import register

from bench.baselines.stock_drf.models import Ticket

register(Ticket, app=__package__, table_name="stock_ticket_history")
