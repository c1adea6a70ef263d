"""AdminContract: what every page of records promises; a test class per page inherits it."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shared.backoffice.record import RecordAdmin
from shared.domains.registry import domain_of_model
from shared.records import Record
from shared.records.versions.past import has_past
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.past import database_time
from tests.bases.staff import read_form, staff_client


class AdminContract:
    """Inherit, set ``model``, and write ``make(tenant)``: creates and returns a new row each time it is
    called (already inside a unit of the model's domain for that tenant).

    Where the page adds, write ``form(tenant)``: what somebody types into it, other values than ``make``'s
    (also in such a unit, for what it refers to). ``duplicate_field``: the field that is in error when it is
    sent twice; "" where that is allowed. ``edit``: what somebody changes, for pages that change.
    ``admins_only``: whether people with the role user are kept out. ``row_is_tenant``: the page shows the
    tenant itself."""

    model: ClassVar[type[models.Model]]
    duplicate_field: ClassVar[str] = ""
    edit: ClassVar[dict[str, Any]] = {}
    admins_only: ClassVar[bool] = False
    row_is_tenant: ClassVar[bool] = False

    def make(self, tenant: Tenant) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how to make a {self.model.__name__}.")

    def form(self, tenant: Tenant) -> dict[str, Any]:
        raise NotImplementedError(
            f"{type(self).__name__} must say what is typed to add a {self.model.__name__}."
        )

    # --- Tools ----------------------------------------------------------------------------------------------

    @property
    def page(self) -> RecordAdmin:
        found = admin.site._registry[self.model]
        assert isinstance(found, RecordAdmin)
        return found

    @property
    def domain(self) -> str:
        return domain_of_model(self.model).name

    def made(self, tenant: Tenant) -> Any:
        with acting(domain=self.domain, organization=tenant.id):
            return self.make(tenant)

    def url(self, name: str, *args: Any) -> str:
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=args)

    def rows(self, tenant: Tenant) -> dict[Any, models.Model]:
        """All rows that the tenant has, deleted ones too."""
        with acting(domain=self.domain, organization=tenant.id):
            return {row.pk: row for row in self.model._base_manager.all()}

    def opened(self, client: Client, url: str) -> dict[str, Any]:
        """The values of the page's form, as a browser would send them."""
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code, response.headers.get("Location"))
        return dict(read_form(response.content.decode(), f"{self.model._meta.model_name}_form"))

    def errors(self, response: Any) -> dict[str, Any]:
        """Errors of the form that a POST answered with, those of its inlines too."""
        assert response.status_code == 200, (response.status_code, response.headers.get("Location"))
        return dict(response.context["adminform"].form.errors)

    def adds(self, client: Client) -> bool:
        return client.get(self.url("add")).status_code == 200

    def changes(self, client: Client, row: Any) -> bool:
        return 'name="_save"' in client.get(self.url("change", row.pk)).content.decode()

    # --- Reading --------------------------------------------------------------------------------------------

    def test_nobody_signed_in_is_sent_to_sign_in(self, tenant: Tenant) -> None:
        response = Client().get(self.url("changelist"))
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("admin:login"))

    def test_list_shows_own_rows_and_no_others(self, tenant: Tenant, other_tenant: Tenant) -> None:
        own, other = self.made(tenant), self.made(other_tenant)
        response = staff_client(tenant).get(self.url("changelist"))
        assert response.status_code == 200
        shown = {row.pk for row in response.context["cl"].result_list}
        assert own.pk in shown
        assert other.pk not in shown
        assert str(other.pk) not in response.content.decode()

    def test_page_of_own_row_opens(self, tenant: Tenant) -> None:
        own = self.made(tenant)
        assert staff_client(tenant).get(self.url("change", own.pk)).status_code == 200

    def test_pages_as_of_a_date_show_what_was_and_change_nothing(self, tenant: Tenant) -> None:
        if not has_past(self.model._meta.db_table):
            assert (
                staff_client(tenant).get(self.url("changelist"), {"as_of": "2026-05-01"}).status_code == 400
            )
            return
        before = database_time()
        own = self.made(tenant)
        client, moment = staff_client(tenant), database_time()
        for at, there in ((before, False), (moment, True)):
            listed = client.get(self.url("changelist"), {"as_of": at})
            assert listed.status_code == 200
            assert (own.pk in {row.pk for row in listed.context["cl"].result_list}) is there
            assert "Back to today" in listed.content.decode()
            page = client.get(self.url("change", own.pk), {"as_of": at})
            assert page.status_code == (200 if there else 404), page.content.decode()[-500:]
        assert "Back to today" in page.content.decode()
        assert 'name="_save"' not in page.content.decode()
        assert client.post(f"{self.url('change', own.pk)}?as_of={moment}", {}).status_code == 409
        for bad in ("yesterday", "2999-01-01T00:00", "2026-13-01"):
            assert client.get(self.url("changelist"), {"as_of": bad}).status_code == 400

    def test_history_lists_the_versions(self, tenant: Tenant, other_tenant: Tenant) -> None:
        own, other = self.made(tenant), self.made(other_tenant)
        client = staff_client(tenant)
        answer = client.get(self.url("history", own.pk))
        if not issubclass(self.model, Record):
            assert answer.status_code == 404
            return
        assert [row["act"] for row in answer.context["versions"]][-1] == "Created"
        assert client.get(self.url("history", other.pk)).status_code == 302

    def test_another_tenants_row_does_not_exist(self, tenant: Tenant, other_tenant: Tenant) -> None:
        other = self.made(other_tenant)
        before = self.rows(other_tenant)
        client = staff_client(tenant)
        never = self.url("change", "01900000-0000-7000-8000-000000000000")
        unknown = client.get(never)
        for name in (
            ("change", "delete", "restore") if issubclass(self.model, Record) else ("change", "delete")
        ):
            for method in (client.get, client.post):
                response = method(self.url(name, other.pk))
                assert response.status_code in {302, 403, 405}, (name, response.status_code)
                if response.status_code == 302:
                    assert response.headers["Location"] == unknown.headers["Location"]
        kept = self.rows(other_tenant)
        assert kept.keys() == before.keys()
        assert getattr(kept[other.pk], "version", 0) == getattr(before[other.pk], "version", 0)
        assert getattr(kept[other.pk], "deleted_at", None) is None

    def test_list_has_the_same_number_of_queries_at_1_and_3_rows(self, tenant: Tenant) -> None:
        if self.row_is_tenant:
            pytest.skip("there is one row")
        client = staff_client(tenant)
        self.made(tenant)
        client.get(self.url("changelist"))  # what is read once per process
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get(self.url("changelist"))
        self.made(tenant)
        self.made(tenant)
        with CaptureQueriesContext(connection) as three:
            client.get(self.url("changelist"))
        assert len(three) == len(one), "\n".join(query["sql"][:300] for query in three)

    def test_search_finds_no_other_tenants_rows(self, tenant: Tenant, other_tenant: Tenant) -> None:
        if not self.page.search_prefixes:
            pytest.skip("the page has no search")
        other = self.made(other_tenant)
        client = staff_client(tenant)
        for name in self.page.search_prefixes:
            value: Any = other
            for part in name.split("__"):
                value = getattr(value, part, None)
            for term in (str(value or "x")[:20], "%", "~", "0", "é"):
                response = client.get(self.url("changelist"), {"q": term})
                assert response.status_code == 200
                assert other.pk not in {row.pk for row in response.context["cl"].result_list}

    def test_people_of_other_roles_and_domains_are_kept_out(self, tenant: Tenant) -> None:
        url = self.url("changelist")
        elsewhere = next(name for name in ("marketing", "crm") if name != self.domain)
        assert staff_client(tenant, domains=[elsewhere]).get(url).status_code == 403
        expected = 403 if self.admins_only else 200
        assert staff_client(tenant, role="user").get(url).status_code == expected

    # --- Writing --------------------------------------------------------------------------------------------

    def test_adding_sets_tenant_and_app(self, tenant: Tenant, other_tenant: Tenant) -> None:
        client = staff_client(tenant)
        if not self.adds(client):
            pytest.skip("the page does not add")
        added = self._add(client, tenant)
        before = self.rows(tenant)
        response = client.post(self.url("add"), added)
        assert response.status_code in {200, 302}, response.status_code
        if response.status_code == 200 and "adminform" in (response.context or {}):
            assert self.errors(response) == {}
        new = [row for key, row in self.rows(tenant).items() if key not in before]
        assert len(new) == 1
        if hasattr(new[0], "created_by_app"):
            assert new[0].created_by_app == self.domain
        assert new[0].pk not in self.rows(other_tenant)

    def test_duplicate_is_an_error_of_its_field(self, tenant: Tenant, other_tenant: Tenant) -> None:
        if not self.duplicate_field:
            pytest.skip("nothing is unique")
        for owner in (other_tenant, tenant):  # what another tenant has is no duplicate
            client = staff_client(owner)
            added = self._add(client, owner)
            assert client.post(self.url("add"), added).status_code == 302
        before = self.rows(tenant)
        response = client.post(self.url("add"), {**self._add(client, tenant), **added})
        assert list(self.errors(response)) == [self.duplicate_field]
        assert self.rows(tenant).keys() == before.keys()

    def test_saving_over_someone_elses_change_is_refused(self, tenant: Tenant) -> None:
        own = self.made(tenant)
        client = staff_client(tenant)
        if not issubclass(self.model, Record) or not self.changes(client, own):
            pytest.skip("the page does not change")
        opened = self.opened(client, self.url("change", own.pk))
        with acting(domain=self.domain, organization=tenant.id):
            self.model._base_manager.filter(pk=own.pk).update(custom_fields={"by": "someone else"})
        before = self.rows(tenant)[own.pk]
        response = client.post(self.url("change", own.pk), {**opened, **self.edit})
        assert "__all__" in self.errors(response)
        assert "has changed since you opened it" in response.content.decode()
        assert self.rows(tenant)[own.pk].version == before.version  # type: ignore[attr-defined]

    def test_changing_saves_what_was_typed(self, tenant: Tenant) -> None:
        own = self.made(tenant)
        client = staff_client(tenant)
        if not self.edit:
            pytest.skip("the page does not change")
        opened = self.opened(client, self.url("change", own.pk))
        response = client.post(self.url("change", own.pk), {**opened, **self.edit})
        assert response.status_code == 302, self.errors(response)
        changed = self.rows(tenant)[own.pk]
        assert changed.version == own.version + 1 or not isinstance(own, Record)  # type: ignore[attr-defined]

    def test_deleting_hides_and_restoring_brings_back(self, tenant: Tenant) -> None:
        own = self.made(tenant)
        client = staff_client(tenant)
        if not issubclass(self.model, Record) or client.get(self.url("delete", own.pk)).status_code == 403:
            pytest.skip("the page does not delete")
        assert client.post(self.url("delete", own.pk), {"post": "yes"}).status_code == 302
        hidden = self.rows(tenant)[own.pk]
        assert hidden.deleted_at is not None  # type: ignore[attr-defined]
        listed = client.get(self.url("changelist")).context["cl"].result_list
        assert own.pk not in {row.pk for row in listed}
        deleted = client.get(self.url("changelist"), {"deleted": "yes"}).context["cl"].result_list
        assert own.pk in {row.pk for row in deleted}
        assert 'name="_save"' not in client.get(self.url("change", own.pk)).content.decode()
        assert client.get(self.url("restore", own.pk)).status_code == 405, "only a POST changes anything"
        assert client.post(self.url("restore", own.pk)).status_code == 302
        assert self.rows(tenant)[own.pk].deleted_at is None  # type: ignore[attr-defined]
        client.post(self.url("delete", own.pk), {"post": "yes"})
        client.post(
            self.url("changelist") + "?deleted=yes",
            {"action": "restore_selected", "_selected_action": [str(own.pk)]},
        )
        assert self.rows(tenant)[own.pk].deleted_at is None  # type: ignore[attr-defined]

    def test_export_is_for_administrators_and_holds_own_rows_alone(
        self, tenant: Tenant, other_tenant: Tenant
    ) -> None:
        if "export_csv" not in self.page.actions:
            pytest.skip("the page exports nothing")
        own, other = self.made(tenant), self.made(other_tenant)
        for action in ("export_csv", "export_jsonl"):
            asked = {"action": action, "_selected_action": [str(own.pk), str(other.pk)], "select_across": "1"}
            answer = staff_client(tenant).post(self.url("changelist"), asked)
            assert answer.streaming, answer.content.decode()[-500:]
            text = b"".join(answer.streaming_content).decode()
            assert str(own.pk) in text
            assert str(other.pk) not in text
            refused = staff_client(tenant, role="user").post(self.url("changelist"), asked)
            assert not refused.streaming
            assert f'value="{action}"' not in refused.content.decode()

    def _add(self, client: Client, tenant: Tenant) -> dict[str, Any]:
        with acting(domain=self.domain, organization=tenant.id):
            typed = self.form(tenant)
        return {**self.opened(client, self.url("add")), **typed}
