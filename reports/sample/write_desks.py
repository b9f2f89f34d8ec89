"""Write two one-stop desks of the fictional province's first unit, with answers of the last months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from districts.models import Unit
from reports.models import Desk, Factor, Rating, RatingComment

from .chance import Chance

UNIT = "MH01"
# Name, code in the address, levels.
DESKS = (
    ("Quầy tiếp nhận hồ sơ đất đai", "mau-1", 5),
    ("Quầy tiếp nhận hộ tịch, chứng thực", "mau-2", 3),
)
DAYS = 100
MOST_A_DAY = 4
COMMENTS = (
    ("Cán bộ hướng dẫn rõ, không phải đi lại nhiều lần.", RatingComment.State.SHOWN),
    ("Thứ hai đông, ít ghế chờ.", RatingComment.State.SHOWN),
    ("Nên có bảng số thứ tự.", RatingComment.State.WAITING),
    ("Trả kết quả chậm một ngày so với giấy hẹn.", RatingComment.State.WAITING),
)


def write_desks(units: dict[str, Unit]) -> None:
    """Set up the desks and write their answers, none of the day of loading."""
    today = timezone.localdate()
    for name, code, levels in DESKS:
        desk = Desk.objects.create(unit=units[UNIT], name=name, code=code, levels=levels, is_sample=True)
        Rating.objects.bulk_create(_answers(desk, today))
        last = desk.ratings.order_by("-on", "-pk")[: len(COMMENTS)]
        RatingComment.objects.bulk_create(
            RatingComment(rating=rating, text=text, state=state)
            for rating, (text, state) in zip(last, COMMENTS, strict=True)
        )


def _answers(desk: Desk, today: dt.date) -> Iterator[Rating]:
    for day in range(1, DAYS + 1):
        on = today - dt.timedelta(days=day)
        chance = Chance(desk.code, "day", day)
        for number in range(0 if on.weekday() >= 5 else chance.between(0, MOST_A_DAY)):
            level = max(1, desk.levels - chance.between(0, 7) // 3)
            factors = {Factor.OFFICIALS.value: level} if number == 0 else {}
            form_hash = f"sample-{desk.code}-{day}-{number}"
            yield Rating(
                desk=desk, level=level, levels=desk.levels, factors=factors, on=on, form_hash=form_hash
            )
