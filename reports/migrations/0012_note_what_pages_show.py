from django.db import migrations

from districts.engine import unwatch, watch
from reports.page_versions import WATCHED


def install(apps, schema_editor):
    for watched in WATCHED:
        watch(schema_editor.connection, "reports_pageversion", watched)


def remove(apps, schema_editor):
    for watched in WATCHED:
        unwatch(schema_editor.connection, watched)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0011_versions_of_public_pages"),
        ("districts", "0005_reserve_the_address_of_changes"),
    ]

    operations = [migrations.RunPython(install, remove)]
