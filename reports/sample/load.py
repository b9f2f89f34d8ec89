"""Load the fictional province, and take it out again; what carries `is_sample` tells it from the rest."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from districts.models import Level, Organiser, OrganiserUnit, Scheme, Unit
from reports.criteria import load_files
from reports.criteria_files import packaged_files
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    DossierCount,
    Group,
    Indicator,
    Initiative,
    Observation,
    Publication,
    Satisfaction,
    Source,
)

from .dossiers import all_months
from .figures import INDICATORS
from .places import NOTE, ORGANISER, SCHEME, SECOND_SET_FROM, SOURCE, YEARS
from .write_figures import write_figures
from .write_units import write_units
from .write_years import write_year

Say = Callable[[str], None]


def is_loaded() -> bool:
    return Organiser.objects.filter(slug=ORGANISER, is_sample=True).exists()


@transaction.atomic
def load_sample(say: Say = lambda line: None) -> bool:
    """Load the province with its five published years; return False where it is there already."""
    if is_loaded():
        return False
    sets = _criteria_sets()
    source = Source.objects.create(
        slug=SOURCE,
        title="Dữ liệu mẫu, sinh tự động",
        organisation="Nhóm phát triển phần mềm",
        note=NOTE,
        is_sample=True,
        is_demo=True,
    )
    say("Tỉnh Minh Họa: 14 đơn vị hư cấu, 1 lần sáp nhập")
    units, organiser = write_units()
    months = all_months()
    say(f"Tỉnh Minh Họa: {len(months)} dòng hồ sơ theo tháng, hài lòng, chỉ tiêu, sáng kiến")
    counts = write_figures(units, source, months)
    for year in YEARS:
        say(f"Tỉnh Minh Họa: chấm điểm và công bố năm {year}")
        write_year(organiser, units, sets[year >= SECOND_SET_FROM], year, counts, source)
    return True


@transaction.atomic
def remove_sample() -> int:
    """Take out everything `load_sample` made; return how many rows went. Criteria sets stay."""
    removed = 0
    years = AssessmentYear.objects.filter(organiser__slug=ORGANISER, organiser__is_sample=True)
    groups = list(Group.objects.filter(years__in=years).distinct())
    publications = Publication.objects.filter(assessment_year__in=years)
    publications.update(compared_with=None)
    years.update(current_publication=None)
    units = Unit.objects.filter(scheme=SCHEME, scheme__is_sample=True)
    for rows in (
        *(publications, years),
        *(
            m.objects.filter(source__slug=SOURCE)
            for m in (DossierCount, Satisfaction, Observation, Initiative)
        ),
        Indicator.objects.filter(slug__in=[text.slug for text in INDICATORS], observations=None),
        OrganiserUnit.objects.filter(organiser__slug=ORGANISER),
        *(units.filter(level=Level.DISTRICT), units),
        Organiser.objects.filter(slug=ORGANISER, is_sample=True),
        *(
            Scheme.objects.filter(code=SCHEME, is_sample=True),
            Source.objects.filter(slug=SOURCE, is_sample=True),
        ),
        Group.objects.filter(pk__in=[group.pk for group in groups], years=None),
    ):
        removed += rows.delete()[0]
    return removed


def _criteria_sets() -> tuple[CriteriaSet, CriteriaSet]:
    """Return the two sample sets, loading the packaged files where they are missing."""
    slugs = ("bo-tieu-chi-mau", "bo-tieu-chi-mau-2")
    if CriteriaSet.objects.filter(slug__in=slugs).count() < len(slugs):
        load_files(packaged_files())
    first, second = (CriteriaSet.objects.get(slug=slug) for slug in slugs)
    return first, second
