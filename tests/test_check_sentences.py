"""What a reader is told of counts that agree, that do not, and that cannot be decided."""

import datetime as dt
from decimal import Decimal

from reports.check_sentences import FindingText, dossier_findings
from reports.checks import Level
from reports.models import DossierCount


def findings(**counts) -> list[FindingText]:
    period = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 5, 31)}
    return list(dossier_findings(DossierCount(**period, **counts)))


def test_sums_that_agree_are_shown_with_their_terms():
    assert findings(resolved=1547, resolved_early=1068, resolved_on_time=479) == [
        FindingText("Trước hạn + đúng hạn: 1.068 + 479 = 1.547, khớp với số đã giải quyết.", "ok", Level.OK)
    ]


def test_what_a_missing_count_may_explain_is_left_open():
    (found,) = findings(received=1674, received_online=1389, received_direct=37)
    assert found.css == "gap"
    assert found.text == (
        "Trực tuyến + trực tiếp: 1.389 + 37 = 1.426, nguồn ghi tiếp nhận 1.674: còn 248 hồ sơ chưa rõ "
        "(nguồn không ghi số từ kỳ trước chuyển sang)."
    )


def test_a_sum_that_cannot_be_says_by_how_much():
    (found,) = findings(resolved=10, resolved_early=6, resolved_on_time=5, resolved_late=0)
    assert "không khớp với số đã giải quyết 10: chênh lệch 1 hồ sơ" in found.text


def test_a_bound_is_quoted_in_the_words_of_its_source():
    bound = {"received": {"quality": "lower", "wording": "trên 351.000 hồ sơ"}}
    (found,) = findings(
        received=351000, resolved_on_time=330048, pending=21755, late_unspecified=50, qualified=bound
    )
    assert found.css == ""
    assert "330.048 + 21.755 + 50 = 351.853" in found.text
    assert "“trên 351.000 hồ sơ”, chênh 853 hồ sơ: phù hợp, nhưng không đủ để kết luận" in found.text


def test_a_rate_cut_off_is_not_called_wrong():
    found = findings(resolved=8202, digitised_results=8184, printed_digitised_rate=Decimal("99.7"))
    assert [f.text for f in found] == [
        "8.184/8.202 = 99,7805\u202f%, làm tròn là 99,8\u202f%; nguồn ghi 99,7\u202f%, "
        "tức là cắt bớt chứ không làm tròn."
    ]


def test_a_total_that_only_its_rate_gives_away_is_marked_as_implied():
    (found,) = findings(on_time_or_early=4936, printed_on_time_rate=Decimal("98.52"))
    assert "chỉ tổng số 5.010 hồ sơ là phù hợp, tức là 74 hồ sơ quá hạn (suy ra)" in found.text


def test_a_part_goes_unmentioned_until_it_is_more_than_its_whole():
    assert findings(resolved=10, digitised_results=9) == []
    (found,) = findings(resolved=10, digitised_results=11)
    assert found.text == "Đã số hóa 11 hồ sơ, nhiều hơn số đã giải quyết 10: không thể đúng."
