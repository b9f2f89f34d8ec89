"""Addresses of one's own account, under /office/."""

urlpatterns: list[object] = []
