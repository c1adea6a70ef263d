"""/api/support/agents"""

from __future__ import annotations

from shared.api.viewsets import RecordViewSet
from support.api.filters import AgentFilter
from support.api.serializers.agent import AgentCreateSerializer, AgentSerializer, AgentUpdateSerializer
from support.selectors.agent import agents
from support.services.agent import create_agent, delete_agent, update_agent


class AgentViewSet(RecordViewSet):
    """Members of staff who are given tickets."""

    serializer_class = AgentSerializer
    create_serializer = AgentCreateSerializer
    update_serializer = AgentUpdateSerializer
    selector = agents
    create_service = create_agent
    update_service = update_agent
    delete_service = delete_agent
    filterset_class = AgentFilter
