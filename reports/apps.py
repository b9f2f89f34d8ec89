from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Chỉ số cải cách hành chính"

    def ready(self) -> None:
        from districts.finding import offer, offer_marks
        from reports.finding import find, marks

        offer(find)
        offer_marks(marks)
