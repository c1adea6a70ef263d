"""/api/crm/activities"""

from __future__ import annotations

from crm.api.customers import CustomerNamingViewSet
from crm.api.filters import ActivityFilter
from crm.api.serializers.activity import (
    ActivityCreateSerializer,
    ActivitySerializer,
    ActivityUpdateSerializer,
)
from crm.api.serializers.contact import ContactSerializer
from crm.api.serializers.customer_reference import CustomerReferenceSerializer
from crm.api.serializers.deal import DealSerializer
from crm.api.serializers.owner import OwnerSerializer
from crm.models import Activity
from crm.selectors.activity import activities
from crm.services.activity import complete_task, delete_activity, log_activity, update_activity
from shared.api.actions import record_act
from shared.api.reading import Expand


class ActivityViewSet(CustomerNamingViewSet):
    """The timeline of sales: notes, calls, meetings, e-mails, tasks, and what the system records."""

    serializer_class = ActivitySerializer
    create_serializer = ActivityCreateSerializer
    update_serializer = ActivityUpdateSerializer
    selector = activities
    create_service = log_activity
    update_service = update_activity
    delete_service = delete_activity
    filterset_class = ActivityFilter
    expandable = {
        "deal": Expand(DealSerializer),
        "contact": Expand(ContactSerializer),
        "customer": Expand(CustomerReferenceSerializer),
        "owner": Expand(OwnerSerializer),
    }

    @record_act()
    def complete(self, activity: Activity) -> None:
        """Mark the task as done; one that is done stays as it was."""
        complete_task(activity_id=activity.pk)
