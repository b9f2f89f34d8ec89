"""Which units does somebody mean who types a name?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Case, CharField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Replace

from . import names

if TYPE_CHECKING:
    from .models import Unit

MAX_QUERY_LENGTH = 100
_MAX_HINT_WORDS = 7


class UnitQuerySet(QuerySet["Unit"]):
    def search(self, text: str, limit: int = 20) -> list[Unit]:
        """The units whose name, now or before, or code answers the text, the likeliest first; at most three queries.

        Marks need not be typed, but where they are, names with the same marks come first. Then: whole name,
        beginning, whole word, beginning of a word, anywhere; province before district before commune; units
        in force before former ones. "phu xuyen ha noi" means Phú Xuyên in Hà Nội. Each unit comes with its
        ancestors.
        """
        text = text[:MAX_QUERY_LENGTH]
        patterns = names.match_patterns(text)
        if not patterns:
            return []
        named = self.filter(_has_any("search_key", names.widest_patterns(text)) | _has_code(text))
        found = list(named.likeliest_first(patterns)[:limit]) or list(self._of_place(text)[:limit])
        return found or self._run_together(text, limit)

    def likeliest_first(self, patterns: Iterable[str]) -> UnitQuerySet:
        """In the order of the patterns found in the search key, then by level, present before former, name."""
        found = [When(search_key__contains=pattern, then=place) for place, pattern in enumerate(patterns)]
        past = Case(When(valid_to__isnull=True, then=0), default=1, output_field=IntegerField())
        return (
            self.annotate(
                match=Case(*found, default=Value(len(found)), output_field=IntegerField()), is_past=past
            )
            .order_by("match", "level", "is_past", "sort_key", "scheme_id", "code")
            .select_related("scheme", "parent__parent")
        )

    def _run_together(self, text: str, limit: int) -> list[Unit]:
        """Units whose name, or type and name, was typed without spaces: "phuxuyen"."""
        word = names.run_together(text)
        if not word:
            return []
        joined = Replace("search_key", Value(" "), Value(""), output_field=CharField())
        return list(
            self.annotate(joined=joined).filter(joined__contains=f"|{word}|").likeliest_first(())[:limit]
        )

    def _of_place(self, text: str) -> UnitQuerySet:
        """Units by the beginning of the text, in a place that the rest names; or whatever their type."""
        bare = names.fold(names.without_type(text))
        condition = _has_any("search_key", names.widest_patterns(bare))
        exact = [f"|{bare}|"]
        words = names.canonical(text).split()[:_MAX_HINT_WORDS]
        for cut in range(1, len(words)):
            unit, place = " ".join(words[:cut]), " ".join(words[cut:])
            heads = {names.fold(head) for head in (*names.readings(unit), names.without_type(unit))}
            places = [f"|{names.fold(reading)}" for reading in names.readings(place)]
            condition |= _has_any("search_key", (f"|{head}" for head in sorted(heads))) & (
                _has_any("parent__search_key", places) | _has_any("parent__parent__search_key", places)
            )
            exact += [f"|{head}|" for head in sorted(heads)]
        return self.filter(condition).likeliest_first(exact)


def _has_code(text: str) -> Q:
    code = names.as_code(text)
    return Q(code=code) if code else Q(pk__in=[])


def _has_any(field: str, patterns: Iterable[str]) -> Q:
    return reduce(or_, (Q(**{f"{field}__contains": pattern}) for pattern in patterns), Q(pk__in=[]))
