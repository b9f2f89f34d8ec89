"""Lists of one-stop systems, a row a dossier, counted into the columns of form II.06/VPCP/KSTT. Pure."""

from .counting import Convention, PeriodError, Shape, columns, cut, parse_days
from .lists import Counted, count_list
from .reading import Dossier, Place, Places, Rejection
from .words import Channel, State, Tier

__all__ = [
    "Channel",
    "Convention",
    "Counted",
    "Dossier",
    "PeriodError",
    "Place",
    "Places",
    "Rejection",
    "Shape",
    "State",
    "Tier",
    "columns",
    "count_list",
    "cut",
    "parse_days",
]
