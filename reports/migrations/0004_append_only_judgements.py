from django.db import migrations

from districts.engine import install, uninstall

TABLE = "reports_judgement"


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_the_years_work")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: install(schema_editor.connection, TABLE),
            lambda apps, schema_editor: uninstall(schema_editor.connection, TABLE),
        )
    ]
