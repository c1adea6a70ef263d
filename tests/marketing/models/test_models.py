"""What every table of marketing promises, and what its constraints refuse."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from marketing.models import Campaign, Segment, SegmentVersion
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.models import ModelContract
from tests.marketing import factories


class TestSegment(ModelContract):
    model = Segment

    def make(self, tenant: Tenant) -> Segment:
        return factories.make_segment()


class TestSegmentVersion(ModelContract):
    model = SegmentVersion

    def make(self, tenant: Tenant) -> SegmentVersion:
        return factories.make_version()

    def test_references_stay_inside_the_tenant(self, tenant: Tenant, other_tenant: Tenant) -> None:
        own, other = self.made(tenant), self.made(other_tenant)
        with acting(domain="marketing", organization=tenant.id):
            with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
                SegmentVersion.objects.create(segment_id=other.segment_id, number=9, rules=own.rules)

    @pytest.mark.parametrize("verb", ["update", "delete"])
    def test_a_version_is_written_once(self, tenant: Tenant, verb: str) -> None:
        with acting(domain="marketing", organization=tenant.id):
            version = self.make(tenant)
            rows = SegmentVersion.objects.filter(pk=version.pk)
            write = {"update": lambda: rows.update(number=7), "delete": lambda: rows._raw_delete("default")}
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                write[verb]()


class TestCampaign(ModelContract):
    model = Campaign

    def make(self, tenant: Tenant) -> Campaign:
        return factories.make_campaign()

    @pytest.mark.parametrize("status", ["flying", "scheduled", "sending"])
    def test_the_database_refuses_states_that_cannot_be(self, tenant: Tenant, status: str) -> None:
        with acting(domain="marketing", organization=tenant.id):
            campaign = self.make(tenant)
            with pytest.raises(IntegrityError, match=r"campaigns_(status|scheduled)_check"):
                with transaction.atomic():
                    Campaign.objects.filter(pk=campaign.pk).update(status=status)
