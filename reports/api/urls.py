"""The API's own site map: imported when the API is first asked, not when a process starts."""

from django.urls import path

from .routes import api

urlpatterns = [path("api/v1/", api.urls)]
