"""What search engines for data sets are told: schema.org Dataset and DataCatalog, of real places only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from reports.models import AssessmentYear
from reports.open_data.fields import DATASETS, RESULTS
from reports.open_data.files import about

Address = Callable[[str], str]
CONTEXT = "https://schema.org"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"csv": "text/csv", "json": "application/json"}


def dataset(
    year: AssessmentYear, address: Address, datasets: Iterable[str] = (RESULTS.slug,)
) -> dict[str, Any] | None:
    """Describe a year's figures as schema.org has it; None for a sample, which nobody should find.

    `address` makes a whole address of a path, `datasets` are those that have rows.
    Source: https://schema.org/Dataset.
    """
    return None if year.organiser.is_sample else {"@context": CONTEXT, **_described(year, address, datasets)}


def catalogue(years: Iterable[AssessmentYear], address: Address) -> dict[str, Any]:
    """Describe all that can be taken away."""
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "name": _("Dữ liệu mở: Chỉ số cải cách hành chính"),
        "description": _(
            "Toàn bộ số liệu đã công bố, tải theo năm dạng CSV, Excel, JSON, kèm nguồn và bản công bố."
        ),
        "url": address(reverse("reports:data")),
        "license": settings.DATA_LICENCE_URL,
        "isAccessibleForFree": True,
        "dataset": [_described(y, address, (RESULTS.slug,)) for y in years if not y.organiser.is_sample],
    }


def _described(year: AssessmentYear, address: Address, datasets: Iterable[str]) -> dict[str, Any]:
    told = about(year)
    parts = (year.organiser.slug, year.year, year.group.slug)
    publication = year.current_publication
    found = {
        "@type": "Dataset",
        "name": told["title"],
        "description": _(
            "Kết quả Chỉ số cải cách hành chính năm %(year)s của %(group)s, %(name)s: điểm, thứ hạng, tăng giảm, "
            "có dẫn nguồn."
        )
        % {"year": year.year, "group": year.group.label, "name": year.organiser.name},
        "url": address(reverse("reports:data_year", args=parts)),
        "temporalCoverage": str(year.year),
        "spatialCoverage": {"@type": "Place", "name": year.organiser.name},
        "creator": {"@type": "Organization", "name": year.organiser.name},
        "license": told["licence_url"],
        "isAccessibleForFree": True,
        "version": None if told["version"] is None else str(told["version"]),
        "dateModified": publication.published_at.isoformat() if publication else None,
        "distribution": list(_files(parts, address, datasets)),
    }
    return {name: value for name, value in found.items() if value is not None}


def _files(
    parts: tuple[str, int, str], address: Address, datasets: Iterable[str]
) -> Iterable[Mapping[str, str]]:
    for slug in datasets:
        for kind, media_type in FORMATS.items():
            path = reverse("reports:data_file", args=[*parts, slug, kind])
            yield _download(str(DATASETS[slug].title), media_type, address(path))
    yield _download("all.xlsx", XLSX, address(reverse("reports:data_workbook", args=parts)))
    yield _download("datapackage.json", FORMATS["json"], address(reverse("reports:data_package", args=parts)))


def _download(name: str, media_type: str, address: str) -> dict[str, str]:
    return {"@type": "DataDownload", "name": name, "encodingFormat": media_type, "contentUrl": address}
