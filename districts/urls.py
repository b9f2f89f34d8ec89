"""Addresses of units as such: search, and what a code stands for."""

from django.urls import path

from . import views

app_name = "districts"
urlpatterns = [
    path("units/", views.search, name="search"),
    path("units/<slug:code>/", views.code, name="code"),
]
