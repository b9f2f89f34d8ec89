"""The fictional country of the real one's size: made small here, it has every kind of figure and no fault."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command

from districts.models import Level, Organiser, Unit
from reports.check_sentences import dossier_gaps
from reports.models import AssessmentYear, DossierCount, PublishedScore, Satisfaction, Standing
from reports.sample.national.places import COMMUNES, DISTRICTS, PROVINCES, Size
from reports.summaries.integrity import contradictions

pytestmark = pytest.mark.django_db
SMALL = ("--organisers=2", "--years=2", "--months=1")
PAGES = (
    *("/mau-01/", "/mau-01/2024/", "/mau-01/2024/units/01-07/"),
    *("/mau-quoc-gia/2024/", "/units/mau-quoc-gia/01-07/"),
)


def make(*more: str) -> str:
    told = io.StringIO()
    call_command("make_national", *SMALL, *more, stdout=told)
    return told.getvalue()


def test_the_whole_country_has_as_many_units_as_the_real_one_had():
    size = Size()
    assert (len(size.provinces), len(size.districts)) == (PROVINCES, DISTRICTS)
    assert sum(len(district.communes) for district in size.districts) == COMMUNES
    codes = [unit.code for d in size.districts for unit in (d, *d.communes)]
    assert len(set(codes)) == len(codes)


def test_a_small_country_has_all_of_it_and_nothing_contradicts_itself(client):
    assert "công bố: 2/2 tỉnh" in make()
    districts = Unit.objects.filter(level=Level.DISTRICT).count()
    assert districts == 54 and Organiser.objects.count() == 3 and AssessmentYear.objects.count() == 6
    # 20 fields and their sum, by month; each district is ranked by its province and by the country.
    assert DossierCount.objects.count() == districts * 21 * 2
    assert Satisfaction.objects.count() == districts * 2 * 2
    assert PublishedScore.objects.count() == 2 * districts * 40 * 2
    assert Standing.objects.filter(rank__isnull=False, scope__kind="total").count() == 2 * districts * 2
    assert list(contradictions()) == []
    assert [row for row in DossierCount.objects.all() if dossier_gaps(row)] == []
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200 and "dữ liệu mẫu" in answer.content.decode().lower(), path


def test_communes_have_eight_to_ten_fields():
    make("--communes")
    counts = DossierCount.objects.filter(unit__level=Level.COMMUNE, starts_on__year=2024, field__isnull=False)
    by_unit = [counts.filter(unit=unit).count() for unit in Unit.objects.filter(level=Level.COMMUNE)[:20]]
    assert set(by_unit) == {8, 9, 10}
    assert counts.values("unit").distinct().count() == Unit.objects.filter(level=Level.COMMUNE).count()


def test_it_is_the_same_each_time(transactional_db):
    seen = set()
    for _ in range(2):
        call_command("flush", interactive=False, verbosity=0)
        make()
        columns = ("scope__kind", "scope__key", "unit__code", "points", "rank", "points_change")
        standings = list(Standing.objects.order_by("pk").values_list(*columns))
        counts = list(DossierCount.objects.order_by("pk").values_list("unit__code", "received", "pending"))
        seen.add(hashlib.sha256(repr((standings, counts)).encode()).hexdigest())
    assert len(seen) == 1


def test_it_is_made_once_and_within_its_bounds():
    make()
    with pytest.raises(CommandError, match="đã có"):
        make()
    with pytest.raises(CommandError, match="--years=11: phải từ 1 đến 10"):
        make("--years=11")
