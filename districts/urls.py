"""Addresses of units as such: search."""

from django.urls import URLPattern

app_name = "districts"
urlpatterns: list[URLPattern] = []
