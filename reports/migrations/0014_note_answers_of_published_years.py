from django.db import migrations

from districts.engine import unwatch, watch
from reports.page_versions import WATCHED

ADDED = ("reports_surveyround", "reports_surveyanswercount")


def install(apps, schema_editor):
    for watched in WATCHED:
        if watched.table in ADDED:
            watch(schema_editor.connection, "reports_pageversion", watched)


def remove(apps, schema_editor):
    for watched in WATCHED:
        if watched.table in ADDED:
            unwatch(schema_editor.connection, watched)


class Migration(migrations.Migration):
    dependencies = [("reports", "0013_index_dossier_totals")]

    operations = [migrations.RunPython(install, remove)]
