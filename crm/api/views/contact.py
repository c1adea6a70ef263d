"""/api/crm/contacts"""

from __future__ import annotations

from crm.api.customers import CustomerNamingViewSet
from crm.api.filters import ContactFilter
from crm.api.serializers.contact import ContactCreateSerializer, ContactSerializer, ContactUpdateSerializer
from crm.api.serializers.customer_reference import CustomerReferenceSerializer
from crm.selectors.contact import contacts
from crm.services.contact import create_contact, delete_contact, update_contact
from shared.api.reading import Expand


class ContactViewSet(CustomerNamingViewSet):
    """Roles of golden customers at companies."""

    serializer_class = ContactSerializer
    create_serializer = ContactCreateSerializer
    update_serializer = ContactUpdateSerializer
    selector = contacts
    create_service = create_contact
    update_service = update_contact
    delete_service = delete_contact
    filterset_class = ContactFilter
    expandable = {"customer": Expand(CustomerReferenceSerializer)}
