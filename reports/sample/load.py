"""Load the fictional province, and take it out again; what carries `is_sample` tells it from the rest."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q, QuerySet

from districts.engine import append_only_lifted
from districts.models import Change, Level, Organiser, OrganiserUnit, Scheme, Unit
from reports.criteria import load_files
from reports.criteria_files import packaged_files
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Desk,
    DossierCount,
    Evidence,
    Group,
    ImportBatch,
    Indicator,
    Initiative,
    Judgement,
    Observation,
    Publication,
    Rating,
    Releasable,
    Release,
    Satisfaction,
    Source,
    SurveyRound,
)

from .dossiers import all_months
from .figures import INDICATORS
from .places import NOTE, ORGANISER, SCHEME, SECOND_SET_FROM, SOURCE, YEARS
from .write_desks import write_desks
from .write_figures import write_figures
from .write_open_year import OPEN_YEAR, write_open_year
from .write_units import write_units
from .write_years import write_year

Say = Callable[[str], None]


def is_loaded() -> bool:
    return Organiser.objects.filter(slug=ORGANISER, is_sample=True).exists()


@transaction.atomic
def load_sample(say: Say = lambda line: None) -> bool:
    """Load the province with its five published years and the one in work; return False where it is there already."""
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
    say(f"Tỉnh Minh Họa: mở năm {OPEN_YEAR}, đang tự chấm điểm")
    write_open_year(organiser, units, sets[1])
    write_desks(units)
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
    removed += _remove_work(years, units)
    for rows in (
        *(publications, SurveyRound.objects.filter(assessment_year__in=years), years),
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


def _remove_work(years: QuerySet[AssessmentYear], units: QuerySet[Unit]) -> int:
    """Take out what people did with the year in work while they tried the program, files and trail included."""
    removed = _remove_entered_figures(units)
    evidence = Evidence.objects.filter(score__sheet__assessment_year__in=years)
    batches = ImportBatch.objects.filter(Q(assessment_year__in=years) | Q(unit__in=units))
    for file in (*(e.file for e in evidence), *(b.file for b in batches)):
        if file:
            file.delete(save=False)
    removed += evidence.delete()[0]
    trail = Change.objects.filter(Q(unit__in=units) | Q(context__startswith=f"{ORGANISER}/"))
    with append_only_lifted(Judgement, Change):
        removed += Judgement.objects.filter(score__sheet__assessment_year__in=years).delete()[0]
        removed += trail.delete()[0]
    return removed + batches.delete()[0]


def _remove_entered_figures(units: QuerySet[Unit]) -> int:
    """Take out what desks have counted, and the figures that units entered, released ones included."""
    removed = Rating.objects.filter(desk__unit__in=units).delete()[0]
    removed += Desk.objects.filter(unit__in=units).delete()[0]
    for model in Releasable.__subclasses__():
        removed += model.objects.filter(source__reported_by__in=units).delete()[0]
    removed += Release.objects.filter(organiser__slug=ORGANISER, organiser__is_sample=True).delete()[0]
    return removed + Source.objects.filter(reported_by__in=units).delete()[0]


def _criteria_sets() -> tuple[CriteriaSet, CriteriaSet]:
    """Return the two sample sets, loading the packaged files where they are missing."""
    slugs = ("bo-tieu-chi-mau", "bo-tieu-chi-mau-2")
    if CriteriaSet.objects.filter(slug__in=slugs).count() < len(slugs):
        load_files(packaged_files())
    first, second = (CriteriaSet.objects.get(slug=slug) for slug in slugs)
    return first, second
