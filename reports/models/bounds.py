"""Which days and years can be meant at all: what is beyond is a slip of the finger."""

from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from reports.readers import FIRST_YEAR, LAST_YEAR

_BEYOND = _("Năm phải trong khoảng 1900–2100.")
PLAUSIBLE_DAY = [
    MinValueValidator(dt.date(FIRST_YEAR, 1, 1), _BEYOND),
    MaxValueValidator(dt.date(LAST_YEAR, 12, 31), _BEYOND),
]
PLAUSIBLE_YEAR = [MinValueValidator(FIRST_YEAR, _BEYOND), MaxValueValidator(LAST_YEAR, _BEYOND)]
