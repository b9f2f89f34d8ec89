"""The catalogue of fields of procedures (lĩnh vực): found by name however it is typed, added to where it is new."""

from __future__ import annotations

import hashlib

from django.utils.text import slugify

from districts import audit
from districts.audit import Act
from districts.names import fold
from reports.models import DossierField
from reports.readers import text_of

NAME_LENGTH, SLUG_LENGTH = 160, 60


def field_named(name: str, act: Act) -> DossierField:
    """Return the field of a name, added to the catalogue where it is not there yet."""
    name = text_of(name)[:NAME_LENGTH]
    wanted = fold(name)
    if known := next((one for one in DossierField.objects.all() if fold(one.name) == wanted), None):
        return known
    field, made = DossierField.objects.get_or_create(slug=slug_of(name), defaults={"name": name})
    if made:
        audit.record(
            [audit.Entry("reports.dossierfield", field.pk, name, "name", None, name, context="figures")], act
        )
    return field


def slug_of(name: str) -> str:
    """Return what a field is found by: its folded name, so that marks and case do not make another one."""
    slug = slugify(fold(text_of(name))) or "khac"
    if len(slug) <= SLUG_LENGTH:
        return slug
    # Long names that begin alike stay apart.
    mark = hashlib.sha256(slug.encode()).hexdigest()[:8]
    return f"{slug[: SLUG_LENGTH - 9]}-{mark}"
