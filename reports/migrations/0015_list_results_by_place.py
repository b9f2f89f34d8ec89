from collections import defaultdict

from django.db import migrations, models

from reports.tally import Counted, tally


def count(apps, schema_editor):
    """Write for each publication what it says of all its units at once."""
    Publication, Standing = (apps.get_model("reports", name) for name in ("Publication", "Standing"))
    publications = list(Publication.objects.all())
    rows = Standing.objects.filter(scope__kind="total").values_list(
        "scope__publication", "unit__type", "points", "rank", "rank_change"
    )
    units = defaultdict(list)
    for publication, *values in rows.iterator():
        units[publication].append(Counted(*values))
    for publication in publications:
        publication.tally = tally(units[publication.pk]).stored()
    Publication.objects.bulk_update(publications, ["tally"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("reports", "0014_note_answers_of_published_years"), ("districts", "0001_initial")]

    operations = [
        migrations.AddField("publication", "tally", models.JSONField(null=True, editable=False)),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.AddIndex(
            "standing", models.Index(fields=["scope", "rank"], name="reports_standing_place")
        ),
    ]
