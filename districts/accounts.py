"""One's own account: log in, log out, change or reset the password."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from . import account_forms, notices, passwords, two_factor
from .models import User


class Login(auth_views.LoginView):
    form_class = account_forms.LoginForm
    template_name = "office/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in, or, where a second factor is due, ask for it first: nobody is half logged in."""
        user = form.get_user()
        if not user.must_change_password and passwords.is_common(form.cleaned_data["password"]):
            user.must_change_password = True
            user.save(update_fields=["must_change_password"])
        if two_factor.is_due(user):
            two_factor.ask(self.request, user, self.get_success_url())
            return redirect("office-two-factor")
        login(self.request, user)
        return redirect(self.get_success_url())


class Logout(auth_views.LogoutView):
    """A POST; ends the session in the database too."""


class PasswordChange(auth_views.PasswordChangeView):
    form_class = account_forms.PasswordChangeForm
    template_name = "office/password_change.html"
    success_url = reverse_lazy("office-account")

    def form_valid(self, form: DjangoPasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc."))
        response = super().form_valid(form)
        own_password_set(form.user, _("Bạn vừa đổi mật khẩu."))
        return response


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Log out everywhere but here: the same password, hashed anew, is another one to all other sessions."""
    user = two_factor.person_of(request)
    form = account_forms.CurrentPasswordForm(request.POST or None, user=user)
    if not form.is_valid():
        return render(request, "office/sessions_end.html", {"form": form})
    user.set_password(form.cleaned_data["password"])
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    messages.success(request, _("Đã đăng xuất ở mọi thiết bị khác."))
    return redirect("office-account")


def own_password_set(user: User, what: str) -> None:
    """Note that a person has chosen the password now, and write so to them."""
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    notices.tell(user, what)


class PasswordReset(auth_views.PasswordResetView):
    """Answers the same, whether or not somebody has this address."""

    form_class = account_forms.PasswordResetForm
    template_name = "office/password_reset.html"
    email_template_name = "office/password_reset_email.txt"
    subject_template_name = "office/password_reset_subject.txt"
    success_url = reverse_lazy("office-password-reset-sent")
    extra_email_context = {"hours": settings.PASSWORD_RESET_TIMEOUT // 3600}


class PasswordResetSent(auth_views.PasswordResetDoneView):
    template_name = "office/password_reset_sent.html"


class PasswordResetConfirm(auth_views.PasswordResetConfirmView):
    form_class = account_forms.NewPasswordForm
    template_name = "office/password_reset_confirm.html"
    success_url = reverse_lazy("office-login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        messages.success(self.request, _("Đã đặt mật khẩu mới. Hãy đăng nhập."))
        response = super().form_valid(form)
        own_password_set(form.user, _("Mật khẩu mới vừa được đặt qua đường dẫn gửi tới thư điện tử này."))
        return response
