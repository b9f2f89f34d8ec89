"""Which state of what is public is there? Read with every stored page, written by the database itself."""

from __future__ import annotations

from django.db import models


class PageVersion(models.Model):
    """A change of what public pages show, noted by triggers in the transaction that made it.

    The version of a scope is the set of its tokens: one as a rule, several where changes were made side by side.
    """

    # An organiser's slug, or one of reports.page_versions.
    scope = models.CharField(max_length=80, db_index=True)
    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"{self.scope} {self.token}"
