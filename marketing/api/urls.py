"""/api/marketing/"""

from __future__ import annotations

from marketing.api.views.campaign import CampaignViewSet
from marketing.api.views.custom_field import CustomFieldViewSet
from marketing.api.views.segment import SegmentViewSet
from shared.api.routers import RecordRouter

router = RecordRouter()
router.register("segments", SegmentViewSet)
router.register("campaigns", CampaignViewSet)
router.register("custom-fields", CustomFieldViewSet)
urlpatterns = router.urls
