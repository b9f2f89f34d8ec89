from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="assessmentyear",
            name="is_rescaled",
            field=models.BooleanField(default=True, verbose_name="quy đổi về thang điểm đầy đủ"),
        ),
        migrations.AddField(
            model_name="publication",
            name="is_rescaled",
            field=models.BooleanField(default=True),
        ),
    ]
