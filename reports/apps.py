from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Chỉ số cải cách hành chính"

    def ready(self) -> None:
        from districts.finding import offer
        from reports.finding import find

        offer(find)
