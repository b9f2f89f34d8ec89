"""Addresses of one's own account, under /office/."""

from django.urls import path

from . import accounts, two_factor

urlpatterns = [
    path("login/", accounts.Login.as_view(), name="office-login"),
    path("logout/", accounts.Logout.as_view(), name="office-logout"),
    path("account/", two_factor.account, name="office-account"),
    path("password/change/", accounts.PasswordChange.as_view(), name="office-password-change"),
    path("sessions/end/", accounts.end_other_sessions, name="office-sessions-end"),
    path("password/reset/", accounts.PasswordReset.as_view(), name="office-password-reset"),
    path("password/reset/sent/", accounts.PasswordResetSent.as_view(), name="office-password-reset-sent"),
    path(
        "password/reset/<uidb64>/<token>/",
        accounts.PasswordResetConfirm.as_view(),
        name="office-password-reset-confirm",
    ),
    path("two-factor/", two_factor.verify, name="office-two-factor"),
    path("two-factor/set-up/", two_factor.set_up, name="office-two-factor-set-up"),
    path("two-factor/take-off/", two_factor.take_off, name="office-two-factor-take-off"),
]
