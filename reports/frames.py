"""The only bridge from the database to pandas, which is imported when first needed (0.4 s, 46 MB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.models import Publication, PublishedScore

if TYPE_CHECKING:
    import pandas as pd


def published_scores(publication: Publication) -> pd.DataFrame:
    """Return final points as published, one row a unit × component in the set's order. One query.

    Columns: unit_code, unit_name, order, criterion (code), title, state, points and max_points (Decimal or
    None: an empty state is never 0; the points of a penalty are negative).
    """
    import pandas as pd

    rows = (
        PublishedScore.objects.filter(publication=publication)
        .order_by("unit__sort_key", "criterion__order")
        .values_list(
            *(
                "unit__code",
                "unit__type",
                "unit__name",
                "criterion__order",
                "criterion__code",
                "criterion__title",
            ),
            *("state", "points", "max_points", "criterion__rule__kind"),
        )
    )
    columns = ["unit_code", "type", "name", "order", "criterion", "title", "state", "points", "max_points"]
    signed = [
        (*row[:7], -row[7] if row[9] == "penalty" and row[7] is not None else row[7], row[8]) for row in rows
    ]
    frame = pd.DataFrame.from_records(signed, columns=columns)
    frame["unit_name"] = frame["type"] + " " + frame["name"]
    return frame.drop(columns=["type", "name"])
