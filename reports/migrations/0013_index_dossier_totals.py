from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0012_note_what_pages_show")]

    operations = [
        migrations.AddIndex(
            model_name="dossiercount",
            index=models.Index(
                fields=["unit", "ends_on"], condition=models.Q(field=None), name="reports_dossiercount_total"
            ),
        ),
    ]
