"""Addresses behind the login, under /office/: each part brings its own list."""

from django.urls import URLPattern, URLResolver

app_name = "office"
# One line a part: *home.urlpatterns, …
urlpatterns: list[URLPattern | URLResolver] = []
