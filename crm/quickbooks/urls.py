"""/api/crm/quickbooks/"""

from __future__ import annotations

from crm.quickbooks.api import QuickbooksCustomerViewSet
from shared.api.routers import RecordRouter

router = RecordRouter()
router.register("customers", QuickbooksCustomerViewSet)
urlpatterns = router.urls
