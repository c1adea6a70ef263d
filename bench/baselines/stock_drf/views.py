"""The tutorial's shape: ModelSerializer, ModelViewSet, filterset_fields."""

from __future__ import annotations

from rest_framework import serializers, viewsets

from bench.baselines.stock_drf.models import Ticket


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    class Meta:
        model = Ticket
        fields = "__all__"


class TicketViewSet(viewsets.ModelViewSet[Ticket]):
    queryset = Ticket.objects.order_by("-created_at", "-id")
    serializer_class = TicketSerializer
    filterset_fields = ("status", "priority")
