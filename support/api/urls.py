"""/api/support/"""

from __future__ import annotations

from shared.api.routers import RecordRouter
from support.api.views.agent import AgentViewSet
from support.api.views.conversation import TicketMessageViewSet, TicketNoteViewSet
from support.api.views.custom_field import CustomFieldViewSet
from support.api.views.customer_reference import CustomerReferenceViewSet
from support.api.views.ticket import TicketViewSet

router = RecordRouter()
router.register("tickets", TicketViewSet)
router.register("tickets/<uuid:ticket_id>/messages", TicketMessageViewSet)
router.register("tickets/<uuid:ticket_id>/notes", TicketNoteViewSet)
router.register("agents", AgentViewSet)
router.register("customer-references", CustomerReferenceViewSet)
router.register("custom-fields", CustomFieldViewSet)

urlpatterns = router.urls
