"""A small API of its own to try the kit on: profiles of the shared schema, written by the platform."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from shared.api.actions import record_act
from shared.api.filters import FilterSet
from shared.api.routers import RecordRouter
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer
from shared.api.urls import handler400 as handler400
from shared.api.urls import handler500 as handler500
from shared.api.viewsets import RecordViewSet
from shared.errors import Conflict
from shared.records import uuid7
from shared.tenancy.models import UserProfile


class ProfileSerializer(ReadSerializer):
    class Meta:
        model = UserProfile
        fields = (*RECORD_FIELDS, "user_id", "name", "email", "preferences")


class ProfileWriteSerializer(WriteSerializer):
    class Meta:
        model = UserProfile
        fields = ("name", "email", "preferences", "custom_fields")


class ProfileFilter(FilterSet):
    class Meta:
        model = UserProfile
        fields = {
            "user_id": ["exact"],
            "email": ["exact", "in"],
            "created_at": ["gte", "lt"],
            "version": ["exact"],
        }


def create_profile(**fields: Any) -> UserProfile:
    return UserProfile.objects.create(user_id=fields.pop("user_id", None) or uuid7(), **fields)


def update_profile(*, user_profile: UserProfile, **changes: Any) -> UserProfile:
    for name, value in changes.items():
        setattr(user_profile, name, value)
    user_profile.save()
    return user_profile


def delete_profile(*, user_profile: UserProfile) -> None:
    user_profile.soft_delete()


class ProfileViewSet(RecordViewSet):
    domain = "platform"
    serializer_class = ProfileSerializer
    create_serializer = ProfileWriteSerializer
    create_service = create_profile
    update_service = update_profile
    delete_service = delete_profile
    filterset_class = ProfileFilter
    orderings = ("name", "-updated_at", "version,-created_at")

    @record_act()
    def refuse(self, profile: UserProfile) -> None:
        raise Conflict("It cannot be closed twice.", allowed=["open"])


class SlowProfileViewSet(ProfileViewSet):
    """Its answers are completed between units."""

    def compose_answer(self, record: Any, body: dict[str, Any]) -> Any:
        return {"profile": body, "extra": None, "degraded": True}

    def complete_answer(self, record: Any, body: Any) -> Any:
        import time

        from shared.session import current

        assert current() is None, "slow work happens between units"
        time.sleep(0.2)
        return {**body, "extra": str(uuid7()), "degraded": False}


router = RecordRouter()
router.register("profiles", ProfileViewSet)
router.register("slow-profiles", SlowProfileViewSet, basename="slow-profile")
urlpatterns = [
    path("api/platform/", include(router.urls)),
    path("api/", include("shared.api.urls")),
]
