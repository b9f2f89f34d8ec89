"""Lists of one-stop systems: every heading, word and day they write, and the counts that come out of them."""

import datetime as dt
import io
import itertools
import random
import unicodedata

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.checks import Level, check_dossiers
from reports.dossier_lists import (
    Convention,
    PeriodError,
    Place,
    Places,
    Tier,
    columns,
    count_list,
    cut,
    parse_days,
)
from reports.dossier_lists.counting import Tally
from reports.dossier_lists.days import day_of
from reports.dossier_lists.reading import Dossier
from reports.dossier_lists.words import Channel, State, channel_of, mark_of, state_of
from reports.readers import ReadError
from reports.workbook_archives import FileError

CONVENTIONS: tuple[Convention, ...] = ("inside", "beside")
HERE = Place("TH", "own")
TODAY = dt.date(2026, 3, 1)
YEAR = cut(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
HEADINGS = "Mã hồ sơ;Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc xử lý;Hình thức tiếp nhận;Lĩnh vực;Trạng thái"


def count(*rows, headings=HEADINGS, periods=YEAR, places=None, **options):
    content = "\n".join([headings, *rows]).encode()
    options = {"today": TODAY} | options
    return count_list(io.BytesIO(content), periods, places or Places(HERE), **options)


def month(counted, number, field=None):
    return counted.counts[HERE, field, number - 1]


def reasons(*rows, **options):
    return [rejection.message for rejection in count(*rows, **options).rejections]


def test_a_dossier_counts_in_the_months_it_came_in_was_open_in_and_was_finished_in():
    counted = count("1;20/01/2025;10/03/2025;05/03/2025;trực tuyến;Đất đai;đã giải quyết")
    assert [month(counted, n)["received"] for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert [month(counted, n)["carried_over"] for n in (1, 2, 3, 4)] == [0, 1, 1, 0]
    assert [month(counted, n)["pending"] for n in (1, 2, 3, 4)] == [1, 1, 0, 0]
    assert month(counted, 3)["resolved_early"] == month(counted, 1)["received_online"] == 1


def test_what_closes_on_the_first_day_of_a_period_is_carried_over_into_it_and_resolved_in_it():
    march = month(count("1;20/02/2025;01/03/2025;01/03/2025;trực tiếp;Đất đai;đã giải quyết"), 3)
    assert (march["received"], march["carried_over"], march["resolved"], march["pending"]) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("finished", "name"),
    [("09/03/2025 23:59:59", "early"), ("10/03/2025 00:00:00", "on_time"), ("11/03/2025 00:00", "late")],
)
def test_days_alone_say_whether_a_dossier_was_in_time(finished, name):
    march = month(count(f"1;01/03/2025 10:00;10/03/2025 11:30;{finished};bưu điện;Đất đai;"), 3)
    assert march[f"resolved_{name}"] == march["resolved"] == 1


def test_an_open_dossier_is_late_from_the_first_end_of_a_period_after_its_day():
    counted = count("1;01/01/2025;28/02/2025;;trực tiếp;Đất đai;đang giải quyết")
    assert [month(counted, n)["pending_late"] for n in (1, 2, 3, 12)] == [0, 0, 1, 1]


def test_what_waits_for_papers_is_in_time_and_counted_on_its_own():
    row = "1;01/01/2025;05/01/2025;;trực tiếp;Đất đai;chờ bổ sung"
    january = month(count(row), 1)
    assert (january["pending_on_time"], january["pending_late"], january["awaiting_supplement"]) == (1, 0, 1)
    beside = month(count(row, convention="beside"), 1)
    assert (beside["pending"], beside["awaiting_supplement"], beside["received"]) == (0, 1, 1)


def test_returned_dossiers_are_among_the_resolved_or_beside_them():
    row = "1;01/01/2025;;05/01/2025;trực tiếp;Đất đai;trả lại"
    inside, beside = month(count(row), 1), month(count(row, convention="beside"), 1)
    assert (inside["resolved"], inside["resolved_on_time"], inside["returned"]) == (1, 1, 1)
    assert (beside["resolved"], beside["returned"]) == (0, 1)


def test_fields_add_up_to_the_total_row():
    rows = [
        f"{n};0{n}/01/2025;20/01/2025;;trực tiếp;{'Hộ tịch' if n % 2 else 'Đất đai'};" for n in range(1, 8)
    ]
    counted = count(*rows)
    assert [month(counted, 1, name)["received"] for name in ("ho tich", "dat dai", None)] == [4, 3, 7]
    assert counted.fields == {"ho tich": "Hộ tịch", "dat dai": "Đất đai"}


def test_dossiers_that_touch_no_period_are_only_told():
    counted = count(
        "1;01/12/2024;05/12/2024;05/12/2024;trực tiếp;Đất đai;",
        "2;01/01/2026;05/01/2026;;trực tiếp;Đất đai;",
        "3;31/12/2024;05/01/2025;02/01/2025;trực tiếp;Đất đai;",
    )
    assert (counted.rows, counted.counted, counted.outside, counted.received_before) == (3, 1, 2, 1)
    assert (counted.first, counted.last) == (dt.date(2024, 12, 1), dt.date(2026, 1, 1))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "headings",
    [
        "Số hồ sơ;Ngày nhận hồ sơ;Hạn xử lý;Ngày trả kết quả;Kênh tiếp nhận;Tên lĩnh vực;Tình trạng",
        "MA HO SO;NGAY TIEP NHAN;NGAY HEN TRA;NGAY CO KET QUA;HINH THUC NOP;LINH VUC;TRANG THAI",
        "Số biên nhận;Thời gian tiếp nhận (ngày/giờ);Hạn trả;Ngày giải quyết xong;Nguồn hồ sơ;lĩnh  vực;tình-trạng",
    ],
)
def test_headings_are_known_by_what_systems_print(headings, form):
    row = "1;01/01/2025;05/01/2025;04/01/2025;Nộp trực tuyến;Đất đai;Đã trả kết quả"
    content = unicodedata.normalize(form, f"Danh sách hồ sơ;;;;;;\n\n{headings}\n{row}\n").encode()
    counted = count_list(io.BytesIO(content), YEAR, Places(HERE), today=TODAY)
    assert month(counted, 1)["resolved_early"] == 1


def split_tone(letter):
    """A letter as code page 1258 has it: with its shape, the tone after it."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = unicodedata.normalize("NFD", letter)
    shape = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
    return shape + "".join(part for part in parts if part in tones)


def test_the_old_vietnamese_code_page_is_understood():
    row = "1;01/01/2025;05/01/2025;04/01/2025;Trực tiếp;Hộ tịch;Đã trả kết quả"
    text = f"{HEADINGS}\n{row}\n"
    for letter in sorted(set(text)):
        try:
            letter.encode("cp1258")
        except UnicodeEncodeError:
            text = text.replace(letter, split_tone(letter))
    counted = count_list(io.BytesIO(text.encode("cp1258")), YEAR, Places(HERE), today=TODAY)
    assert month(counted, 1, "ho tich")["resolved_early"] == 1 and counted.fields == {"ho tich": "Hộ tịch"}


def test_the_order_of_columns_is_free_and_columns_of_no_interest_are_not_read():
    headings = "Lĩnh vực;Họ và tên;Ngày kết thúc;Số CCCD;Hình thức nộp;Ngày hẹn trả;Ngày tiếp nhận"
    counted = count("Đất đai;Người Nộp;;001;Qua mạng;02/01/2025;01/01/2025", headings=headings)
    assert month(counted, 1)["pending_on_time"] == 0 and month(counted, 1)["pending_late"] == 1


def test_of_two_columns_that_mean_the_same_the_day_of_finishing_is_taken():
    headings = "Ngày tiếp nhận;Ngày hẹn trả;Ngày trả kết quả;Ngày kết thúc xử lý;Hình thức nộp"
    counted = count("01/01/2025;05/01/2025;20/01/2025;04/01/2025;trực tiếp", headings=headings)
    assert month(counted, 1)["resolved_early"] == 1
    assert counted.layout.ignored == ("Ngày trả kết quả",)


def test_without_columns_of_digitising_nothing_is_said_of_it():
    assert month(count("1;01/01/2025;05/01/2025;;trực tiếp;Đất đai;"), 1)["digitised_results"] is None
    row = "1;01/01/2025;05/01/2025;04/01/2025;trực tiếp;Đất đai;;X;chưa"
    january = month(count(row, headings=f"{HEADINGS};Số hóa TPHS;Số hóa kết quả"), 1)
    assert (january["digitised_on_receipt"], january["digitised_results"]) == (1, 0)


def test_rows_go_to_the_unit_or_tier_they_name():
    commune, below = Place("X1", "own"), Place("TH", "communes")
    places = Places(HERE, {"X1": commune, "xa binh minh": commune}, {Tier.COMMUNE: below, Tier.OWN: HERE})
    rows = ["X1;", "Xã Bình Minh;", ";Cấp xã", ";Huyện", ";"]
    given = [f"{n};02/01/2025;05/01/2025;;trực tiếp;Đất đai;;{row}" for n, row in enumerate(rows)]
    counted = count(*given, headings=f"{HEADINGS};Đơn vị giải quyết;Cấp", places=places)
    received = {place: counted.counts[place, None, 0]["received"] for place in (commune, below, HERE)}
    assert received == {commune: 2, below: 1, HERE: 2}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1;31/02/2025;05/03/2025;;trực tiếp;Đất đai;", "Không có ngày này trong lịch."),
        (
            "1;1/2/25;05/03/2025;;trực tiếp;Đất đai;",
            "Không đọc được ngày; hãy ghi ngày/tháng/năm, ví dụ 05/03/2024.",
        ),
        (";;05/03/2025;;trực tiếp;Đất đai;", "Thiếu ngày tiếp nhận."),
        ("1;01/03/2025;;;trực tiếp;Đất đai;", "Thiếu ngày hẹn trả."),
        ("1;01/03/2025;28/02/2025;;trực tiếp;Đất đai;", "Ngày hẹn trả trước ngày tiếp nhận."),
        (
            "1;01/03/2025;05/03/2025;28/02/2025;trực tiếp;Đất đai;",
            "Ngày kết thúc xử lý trước ngày tiếp nhận.",
        ),
        ("1;01/03/2025;05/03/2025;02/03/2026;trực tiếp;Đất đai;", "Ngày kết thúc xử lý ở tương lai."),
        ("1;02/03/2026;05/03/2026;;trực tiếp;Đất đai;", "Ngày tiếp nhận ở tương lai."),
        (
            "1;01/03/2025;05/03/2025;;trực tiếp;Đất đai;lạ",
            "Không hiểu trạng thái này; xem các cách ghi ở phần hướng dẫn.",
        ),
        (
            "1;01/03/2025;05/03/2025;;trực tiếp;Đất đai;đã giải quyết",
            "Hồ sơ đã kết thúc mà thiếu ngày kết thúc xử lý.",
        ),
        (
            "1;01/03/2025;05/03/2025;04/03/2025;trực tiếp;Đất đai;đang giải quyết",
            "Hồ sơ chưa kết thúc mà đã có ngày kết thúc xử lý.",
        ),
        (
            "1;01/03/2025;05/03/2025;;fax;Đất đai;",
            "Không hiểu hình thức tiếp nhận này; ghi trực tuyến, trực tiếp hoặc bưu chính.",
        ),
        ("1;01/03/2025;05/03/2025;;;Đất đai;", "Thiếu hình thức tiếp nhận."),
        ("1;01/03/2025;05/03/2025;;trực tiếp;;", "Thiếu lĩnh vực."),
        ("1;01/03/2025;05/03/2025;;trực tiếp;Người 001234567890;", "Không giống tên một lĩnh vực."),
        ("1;01/03/2025;05/03/2025", "Hàng chỉ có 3 ô, tiêu đề có 7 ô."),
    ],
)
def test_what_cannot_be_counted_says_why(row, reason):
    assert reasons(row, "2;01/03/2025;05/03/2025;;trực tiếp;Đất đai;") == [reason]


def test_a_rejected_row_is_told_by_row_column_and_value_as_a_spreadsheet_shows_them():
    (rejection,) = count("1;01/03/2025;05/03/2025;;trực tiếp;Đất đai;lạ").rejections
    assert (rejection.row, rejection.column, rejection.heading, rejection.value) == (
        2,
        "G",
        "Trạng thái",
        "lạ",
    )


def test_a_code_met_twice_counts_once_and_the_second_row_is_rejected():
    row = "H{};01/03/2025;05/03/2025;;trực tiếp;Đất đai;"
    counted = count(row.format(1), row.format(2), row.format(1))
    assert [(one.row, one.message) for one in counted.rejections] == [(4, "Mã hồ sơ này đã có ở hàng 2.")]
    assert month(counted, 3)["received"] == 2


def test_numbers_of_columns_and_sums_at_the_end_are_no_dossiers():
    counted = count(
        "(1);(2);(3);(4);(5);(6);(7)", "1;01/03/2025;05/03/2025;;trực tiếp;Đất đai;", "Tổng cộng: 1;;;;;;"
    )
    assert (counted.rows, counted.rejected) == (1, 0)


def test_a_list_without_its_columns_names_them():
    with pytest.raises(FileError, match="còn thiếu: “Ngày hẹn trả”, “Ngày kết thúc xử lý”"):
        count("1;01/03/2025", headings="Mã hồ sơ;Ngày tiếp nhận")
    headings = "Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc xử lý"
    with pytest.raises(FileError, match="Thiếu cột “Hình thức tiếp nhận”"):
        count("01/03/2025;05/03/2025;", headings=headings)
    counted = count("01/03/2025;05/03/2025;", headings=headings, channel=Channel.DIRECT)
    assert month(counted, 3)["received_direct"] == 1


def test_a_list_without_rows_says_so():
    with pytest.raises(FileError, match="Danh sách không có hồ sơ nào"):
        count()


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("05/03/2024", "2024-03-05"),
        ("5-3-2024 23:59:59", "2024-03-05"),
        ("05.03.2024 12:05 SA", "2024-03-05"),
        ("14:30 05/03/2024", "2024-03-05"),
        ("2024-03-05T16:59:59Z", "2024-03-05"),
        ("2024-03-05T17:00:00Z", "2024-03-06"),
        ("2024-03-05 17:00:00+00:00", "2024-03-06"),
        ("2024-03-05T00:30:00.123+0900", "2024-03-04"),
        ("2024-03-05T23:59:59+07:00", "2024-03-05"),
        ("45356", "2024-03-05"),
        ("45356,999", "2024-03-05"),
        (45356.9999999, "2024-03-06"),
        (45356, "2024-03-05"),
        (dt.datetime(2024, 3, 5, 23, 59), "2024-03-05"),
        (dt.datetime(2024, 3, 5, 17, tzinfo=dt.UTC), "2024-03-06"),
        (dt.date(2024, 3, 5), "2024-03-05"),
        (" \u200b05/03/2024\u00a0", "2024-03-05"),
        ("'05/03/2024", "2024-03-05"),
    ],
)
def test_a_day_is_the_one_in_vietnam(cell, day):
    assert day_of(cell) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "cell",
    [
        "hôm qua",
        "05/2024",
        "13/25/2024",
        "05/03/2024 25:00",
        "05/03/1024",
        True,
        1e9,
        "2024-03-05Z",
        "123456",
    ],
)
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(ReadError):
        day_of(cell)


def test_words_are_known_however_they_are_typed():
    assert state_of("ĐÃ TRẢ KẾT QUẢ") is State.RESOLVED and state_of("rut ho so") is State.WITHDRAWN
    assert state_of("Tạm dừng (chờ thuế)") is State.SUSPENDED and state_of("Từ chối") is State.RETURNED
    assert channel_of("Dịch vụ BƯU CHÍNH công ích") is Channel.POST
    assert [mark_of(mark) for mark in ("x", "✓", 1.0, True, "", None, "Chưa", "-")] == [True] * 4 + [
        False
    ] * 4


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-q2", "2025-04-01", "2025-06-30"),
        ("2025-H2", "2025-07-01", "2025-12-31"),
        ("2025-01..2025-05", "2025-01-01", "2025-05-31"),
        ("2025-01-15..2025-02-14", "2025-01-15", "2025-02-14"),
    ],
)
def test_periods_are_named_as_people_write_them(text, first, last):
    assert parse_days(text) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_periods_begin_and_end_with_themselves():
    assert len(cut(dt.date(2025, 1, 1), dt.date(2026, 6, 30), "half")) == 3
    assert cut(dt.date(2025, 1, 15), dt.date(2025, 2, 14), "whole")[0].days == 31
    for start, end, shape in [
        ((2025, 2, 1), (2025, 4, 30), "quarter"),
        ((2025, 1, 1), (2025, 1, 30), "month"),
    ]:
        with pytest.raises(PeriodError):
            cut(dt.date(*start), dt.date(*end), shape)
    with pytest.raises(PeriodError):
        parse_days("quý 1")


@st.composite
def dossiers(draw):
    day = st.dates(dt.date(2024, 11, 1), dt.date(2026, 2, 28))
    received = draw(day)
    state = draw(st.sampled_from(State))
    is_closed = state in (State.RESOLVED, State.RETURNED, State.WITHDRAWN)
    finished = draw(st.dates(received, dt.date(2026, 3, 1))) if is_closed else None
    due = draw(st.dates(received, dt.date(2026, 6, 30)))
    if state not in (State.RESOLVED, State.PENDING) and draw(st.booleans()):
        due = None
    field = draw(st.sampled_from(["dat dai", "ho tich", ""]))
    channel = draw(st.sampled_from(Channel))
    return Dossier(
        received, due, finished, state, channel, field, HERE, draw(st.booleans()), draw(st.booleans())
    )


@given(st.lists(dossiers(), max_size=40), st.sampled_from(["month", "quarter", "half", "year"]))
@settings(max_examples=150)
def test_the_counts_of_any_list_satisfy_every_identity(given, shape):
    periods = cut(dt.date(2025, 1, 1), dt.date(2025, 12, 31), shape)
    tally = Tally(periods)
    for dossier in given:
        tally.add(dossier)
    cells = tally.results()
    for convention in CONVENTIONS:
        for field in (None, "dat dai", "ho tich"):
            rows = [columns(cells, HERE, field, n, convention=convention) for n in range(len(periods))]
            assert all(f.level is Level.OK for row in rows for f in check_dossiers(row))
            for before, after in itertools.pairwise(rows):
                left_open = ["pending"]
                if convention == "beside":
                    left_open += ["awaiting_supplement", "suspended"]
                assert after["carried_over"] == sum(before[name] or 0 for name in left_open)
    if all(dossier.field for dossier in given):
        rows = [columns(cells, HERE, field, 0) for field in ("dat dai", "ho tich", None)]
        assert all((rows[0][name] or 0) + (rows[1][name] or 0) == total for name, total in rows[2].items())


# By which identity an altered count of the form is found out.
FOUND_OUT_BY = {
    "received": "received",
    "received_online": "received",
    "received_direct": "received",
    "carried_over": "received",
    "resolved": "resolved",
    "resolved_early": "resolved",
    "resolved_on_time": "resolved",
    "resolved_late": "resolved",
    "on_time_or_early": "resolved_in_time",
    "pending": "pending",
    "pending_on_time": "pending",
    "pending_late": "pending",
}


@given(st.lists(dossiers(), max_size=20), st.sampled_from(sorted(FOUND_OUT_BY)), st.integers(1, 300))
@settings(max_examples=150)
def test_one_altered_count_always_raises_the_right_warning(given, name, more):
    tally = Tally(YEAR)
    for dossier in given:
        tally.add(dossier)
    row = columns(tally.results(), HERE, None, 5)
    wrong = {
        f.identity.key: f
        for f in check_dossiers(row | {name: (row[name] or 0) + more})
        if f.level is not Level.OK
    }
    finding = wrong[FOUND_OUT_BY[name]]
    assert finding.level is Level.WARN and abs(finding.gap or 0) == more


@given(st.lists(dossiers(), min_size=1, max_size=20))
@settings(max_examples=50)
def test_a_year_and_its_months_tell_the_same(given):
    whole, months = Tally(cut(dt.date(2025, 1, 1), dt.date(2025, 12, 31), "year")), Tally(YEAR)
    for dossier in given:
        whole.add(dossier)
        months.add(dossier)
    year = columns(whole.results(), HERE, None, 0)
    rows = [columns(months.results(), HERE, None, n) for n in range(12)]
    for name in (
        "received_online",
        "received_direct",
        "resolved",
        "resolved_late",
        "returned",
        "digitised_results",
    ):
        assert year[name] == sum(row[name] or 0 for row in rows)
    assert year["carried_over"] == rows[0]["carried_over"]
    assert (year["pending"], year["pending_late"]) == (rows[-1]["pending"], rows[-1]["pending_late"])


def random_moments(chance, number, first, days):
    """Half of them within a second of midnight in Vietnam, a third of those at the border of a month."""
    day = pd.Timestamp(first, tz="Asia/Ho_Chi_Minh")
    months = [pd.Timestamp(2025, m, 1, tz="Asia/Ho_Chi_Minh") for m in range(1, 13)]
    found = []
    for _ in range(number):
        base = (
            chance.choice(months)
            if chance.random() < 0.15
            else day + pd.Timedelta(days=chance.randrange(days))
        )
        seconds = chance.choice([-1, 0, 1]) if chance.random() < 0.5 else chance.randrange(86_400)
        found.append(base + pd.Timedelta(seconds=seconds))
    return pd.Series(found)


def serial(local):
    return ((local - pd.Timestamp(1899, 12, 30)) / pd.Timedelta(days=1)).map("{:.6f}".format)


WRITTEN = [
    lambda moments: moments.dt.strftime("%d/%m/%Y %H:%M:%S"),
    lambda moments: moments.dt.strftime("%H:%M %d/%m/%Y"),
    lambda moments: moments.dt.strftime("%Y-%m-%d %H:%M:%S"),
    lambda moments: moments.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    lambda moments: moments.dt.tz_convert("America/New_York").dt.strftime("%Y-%m-%dT%H:%M:%S%z"),
    lambda moments: serial(moments.dt.tz_localize(None)),
]


def written(moments, chance):
    """The same moments as systems write them: in Vietnam, in UTC, elsewhere, as a number; NaT is empty."""
    chosen = pd.Series([chance.randrange(len(WRITTEN)) for _ in range(len(moments))])
    texts = pd.Series("", index=moments.index)
    for number, write in enumerate(WRITTEN):
        some = moments[(chosen == number) & moments.notna()]
        texts[some.index] = write(some)
    return texts.tolist()


def counted_by_pandas(frame, periods):
    """The same columns by their definitions, on whole columns at once."""
    found = []
    for field in [*sorted(frame.field.unique()), None]:
        rows = frame if field is None else frame[frame.field == field]
        for period in periods:
            start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
            is_open = (rows.received <= end) & ~(rows.finished <= end)
            is_new = rows.received.between(start, end)
            closed = rows[rows.finished.between(start, end)]
            found.append(
                {
                    "received_online": int((is_new & (rows.channel == "Trực tuyến")).sum()),
                    "received_direct": int((is_new & (rows.channel != "Trực tuyến")).sum()),
                    "carried_over": int(((rows.received < start) & ~(rows.finished < start)).sum()),
                    "resolved_early": int((closed.finished < closed.due).sum()),
                    "resolved_on_time": int((closed.finished == closed.due).sum()),
                    "resolved_late": int((closed.finished > closed.due).sum()),
                    "pending_late": int((is_open & (rows.due < end)).sum()),
                    "pending_on_time": int((is_open & ~(rows.due < end)).sum()),
                }
            )
    return found


def test_200_000_dossiers_are_counted_as_pandas_counts_them():
    chance, number = random.Random(4), 200_000
    pool = random_moments(chance, 20_000, dt.date(2024, 11, 1), 420)
    received = pool.sample(number, replace=True, random_state=1).reset_index(drop=True)
    due = received + pd.to_timedelta([chance.choice([0, 1, 5, 20, 45]) for _ in range(number)], unit="D")
    finished = received + pd.to_timedelta([chance.choice([0, 1, 5, 20, 60]) for _ in range(number)], unit="D")
    finished = finished.where(pd.Series([chance.random() > 0.1 for _ in range(number)]))
    fields = [chance.choice(["Đất đai", "Hộ tịch", "Đầu tư"]) for _ in range(number)]
    channels = [chance.choice(["Trực tuyến", "Trực tiếp", "Bưu chính"]) for _ in range(number)]
    texts = [written(moments, chance) for moments in (received, due, finished)]
    lines = (f"{n};{';'.join(row)};" for n, row in enumerate(zip(*texts, channels, fields, strict=True)))
    counted = count(*lines)
    assert (counted.rows, counted.rejected) == (number, 0)
    days = {
        name: moments.dt.tz_localize(None).dt.normalize()
        for name, moments in {"received": received, "due": due, "finished": finished}.items()
    }
    expected = counted_by_pandas(pd.DataFrame(days | {"field": fields, "channel": channels}), YEAR)
    order = [("Đất đai", "dat dai"), ("Đầu tư", "dau tu"), ("Hộ tịch", "ho tich"), (None, None)]
    places = [
        counted.counts[HERE, key, n]
        for _, key in sorted(order, key=lambda o: (o[0] is None, o[0]))
        for n in range(12)
    ]
    assert [{name: row[name] for name in expected[0]} for row in places] == expected
