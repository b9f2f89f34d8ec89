"""WHO: units through time, who organises an assessment, the people acting for them, and what they changed."""

from .people import AppendOnly, Change, Membership, Role, User
from .units import Dated, Level, Organiser, OrganiserUnit, Scheme, Succession, Unit, UnitVersion

__all__ = [
    "AppendOnly",
    "Change",
    "Dated",
    "Level",
    "Membership",
    "Organiser",
    "OrganiserUnit",
    "Role",
    "Scheme",
    "Succession",
    "Unit",
    "UnitVersion",
    "User",
]
