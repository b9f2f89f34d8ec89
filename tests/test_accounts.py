"""Logging in, staying in, getting out: what the office's door lets through."""

import re
import threading
import time
from base64 import b32encode

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from districts.models import Membership, User
from districts.visitors import client_address
from tests.factories import make_organiser
from tests.letters import wait_for_letters

pytestmark = pytest.mark.django_db
PASSWORD = "bốn từ dễ nhớ thật dài"
NOON = "2026-03-02 12:00:00+07:00"


@pytest.fixture
def person() -> User:
    cache.clear()
    return User.objects.create_user("lan", "lan@thu.invalid", PASSWORD, first_name="Lan")


def log_in(client: Client, password: str = PASSWORD, username: str = "lan", **extra: str):
    return client.post("/office/login/", {"username": username, "password": password, **extra})


def code_of(device: TOTPDevice) -> str:
    totp = TOTP(device.bin_key)
    totp.time = time.time()
    return f"{totp.token():06d}"


def test_the_right_password_opens_the_office(client, person):
    response = log_in(client)
    assert (response.status_code, response["Location"]) == (302, "/office/")
    assert client.session["_auth_user_id"] == str(person.pk)


def test_passwords_are_kept_with_argon2(person):
    assert person.password.startswith("argon2")


def test_the_session_is_a_new_one_after_the_log_in(client, person):
    client.get("/office/login/")
    client.post("/office/password/reset/", {"email": "x"})
    session = client.session
    session["seen"] = "before"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    log_in(client)
    assert client.session.session_key != before


def test_the_session_cookie_goes_to_the_office_only_and_not_to_scripts(client, person):
    cookie = log_in(client).cookies["sessionid"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/office/", True, "Lax")


@pytest.mark.parametrize("username", ["lan", "khong-co", "nghi-viec"])
def test_a_wrong_log_in_says_the_same_whoever_it_names(client, person, username):
    User.objects.create_user("nghi-viec", password=PASSWORD, is_active=False)
    response = log_in(client, "sai", username)
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in response.content.decode()


def test_a_person_no_longer_active_cannot_log_in(client, person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert log_in(client).status_code == 200


@pytest.mark.parametrize("username", ["lan", "khong-co"])
def test_five_wrong_passwords_bring_a_pause_whoever_they_name(client, person, username):
    answers = [log_in(client, "sai", username).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    response = log_in(client, PASSWORD, username)
    assert response.status_code == 429
    assert "Tạm dừng đăng nhập" in response.content.decode()


def test_the_pause_ends_by_itself(client, person):
    with time_machine.travel(NOON, tick=False) as now:
        for _ in range(5):
            log_in(client, "sai")
        now.shift(16 * 60)
        assert log_in(client).status_code == 302


def test_a_pause_does_not_lock_out_the_same_person_elsewhere_nor_others_here(client, person):
    User.objects.create_user("minh", password=PASSWORD)
    for _ in range(5):
        log_in(client, "sai")
    assert log_in(client, username="minh").status_code == 302
    assert log_in(Client(REMOTE_ADDR="10.1.1.1")).status_code == 302


def test_one_account_is_not_guessed_from_many_addresses(client, person, settings):
    settings.ACCOUNT_ATTEMPTS = 3
    log_in(Client(REMOTE_ADDR="10.2.0.1"))
    for number in range(3):
        log_in(Client(REMOTE_ADDR=f"10.3.0.{number}"), "sai")
    refused = log_in(Client(REMOTE_ADDR="10.4.0.1"))
    assert "bị thử mật khẩu quá nhiều lần" in refused.content.decode()
    assert log_in(Client(REMOTE_ADDR="10.2.0.1")).status_code == 302
    User.objects.create_user("minh", password=PASSWORD)
    assert log_in(Client(REMOTE_ADDR="10.4.0.1"), username="minh").status_code == 302


def test_many_guesses_say_the_same_of_a_name_that_nobody_has(client, person, settings):
    settings.ACCOUNT_ATTEMPTS = 1
    for name in ("lan", "khong-co"):
        log_in(Client(REMOTE_ADDR="10.3.0.1"), "sai", name)
        refused = log_in(Client(REMOTE_ADDR="10.3.0.2"), "sai", name)
        assert "bị thử mật khẩu quá nhiều lần" in refused.content.decode()


def test_what_is_refused_in_a_pause_is_no_guess(client, person, settings):
    settings.ACCOUNT_ATTEMPTS = 6
    answers = [log_in(Client(REMOTE_ADDR="10.3.0.1"), "sai").status_code for _ in range(9)]
    assert answers == [200] * 4 + [429] * 5
    assert log_in(Client(REMOTE_ADDR="10.4.0.1")).status_code == 302


def test_a_pause_holds_in_the_whole_network_of_an_ipv6_address(client, person):
    for number in range(5):
        log_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{number}"), "sai")
    assert log_in(Client(REMOTE_ADDR="2001:db8:1:2:3:4:5:6")).status_code == 429
    assert log_in(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 302


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::"),
        ("unknown", "unknown"),
        ("", None),
    ],
)
def test_an_address_of_ipv6_is_its_network(rf, address, counted):
    assert client_address(rf.get("/", REMOTE_ADDR=address)) == counted


def test_behind_a_proxy_the_address_counts_that_the_proxy_added(rf, settings):
    request = rf.get("/office/", headers={"X-Forwarded-For": "1.1.1.1, 10.9.9.9"})
    assert client_address(request) == "127.0.0.1"
    settings.BEHIND_PROXY = True
    assert client_address(request) == "10.9.9.9"


@pytest.mark.parametrize("target", ["https://xau.example/", "//xau.example/", "javascript:alert(1)"])
def test_the_log_in_leads_nowhere_else(client, person, target):
    assert log_in(client, next=target)["Location"] == "/office/"


def test_the_log_in_leads_back_to_where_one_wanted_to_go(client, person):
    asked = client.get("/office/account/")
    assert asked["Location"] == "/office/login/?next=/office/account/"
    assert log_in(client, next="/office/account/")["Location"] == "/office/account/"


def test_htmx_is_sent_to_the_log_in_with_the_page_it_was_on(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/office/sheets/1/?area=2"}
    response = client.post("/office/account/", headers=headers)
    assert response["HX-Redirect"] == "/office/login/?next=/office/sheets/1/%3Farea%3D2"


def test_logging_out_ends_the_session_and_needs_a_post(client, person):
    log_in(client)
    key = client.session.session_key
    assert client.get("/office/logout/").status_code == 405
    assert client.post("/office/logout/")["Location"] == "/office/login/"
    assert not client.session.exists(key)
    assert client.get("/office/account/").status_code == 302


def test_a_log_in_ends_after_an_hour_without_a_page(client, person):
    with time_machine.travel(NOON, tick=False) as now:
        log_in(client)
        assert client.get("/office/account/").status_code == 200
        now.shift(59 * 60)
        assert client.get("/office/account/").status_code == 200
        now.shift(61 * 60)
        response = client.get("/office/account/", follow=True)
    assert "Phiên làm việc đã hết hạn." in response.content.decode()


def test_a_log_in_ends_after_ten_hours_of_work(client, person):
    with time_machine.travel(NOON, tick=False) as now:
        log_in(client)
        for _ in range(13):
            assert client.get("/office/account/").status_code == 200
            now.shift(47 * 60)
        assert client.get("/office/account/").status_code == 302


def test_what_the_office_shows_is_kept_by_no_cache(client, person):
    log_in(client)
    assert client.get("/office/account/")["Cache-Control"] == "no-store, private"


def test_public_pages_know_nothing_of_who_is_logged_in(client, person):
    log_in(client)
    response = client.get("/methodology/")
    assert "Đăng xuất" not in response.content.decode()
    assert "Cookie" not in response.get("Vary", "") and not response.cookies


def test_office_pages_name_the_person_and_offer_the_way_out(client, person):
    log_in(client)
    text = client.get("/office/account/").content.decode()
    assert "Đăng xuất" in text and ">Lan</a>" in text


class HeldBack(EmailBackend):
    """A mail server that takes its time: until it is let go on."""

    goes_on = threading.Event()

    def send_messages(self, messages):
        assert self.goes_on.wait(30)
        return super().send_messages(messages)


def test_a_reset_letter_lets_choose_a_new_password_once(client, person):
    client.post("/office/password/reset/", {"email": "lan@thu.invalid"})
    wait_for_letters()
    assert mail.outbox[0].subject == "Đặt lại mật khẩu hệ thống Chỉ số cải cách hành chính"
    address = re.findall(r"http://testserver(/office/password/reset/\S+)", str(mail.outbox[0].body))[0]
    form = client.get(address)["Location"]
    client.post(form, {"new_password1": "một mật khẩu khác", "new_password2": "một mật khẩu khác"})
    assert log_in(client, "một mật khẩu khác").status_code == 302
    assert "đã dùng hoặc đã hết hạn" in Client().get(address, follow=True).content.decode()


def test_a_reset_answers_the_same_for_an_address_nobody_has(client, person):
    known = client.post("/office/password/reset/", {"email": "lan@thu.invalid"}, follow=True)
    unknown = client.post("/office/password/reset/", {"email": "ai@thu.invalid"}, follow=True)
    wait_for_letters()
    assert len(mail.outbox) == 1
    assert known.redirect_chain == unknown.redirect_chain == [("/office/password/reset/sent/", 302)]


def test_a_reset_letter_names_the_public_address_whatever_host_was_asked(client, person, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.PUBLIC_URL = "https://cchc.example.vn"
    client.post("/office/password/reset/", {"email": "lan@thu.invalid"}, headers={"Host": "xau.example"})
    wait_for_letters()
    assert "https://cchc.example.vn/office/password/reset/" in mail.outbox[0].body
    assert "xau.example" not in mail.outbox[0].body


def test_a_mailbox_is_not_filled_with_reset_letters(client, person):
    for _ in range(3):
        client.post("/office/password/reset/", {"email": "LAN@thu.invalid"})
    wait_for_letters()
    assert len(mail.outbox) == 1


def test_the_answer_to_a_reset_does_not_wait_for_the_letter(client, person, settings):
    settings.EMAIL_BACKEND = "tests.test_accounts.HeldBack"
    HeldBack.goes_on.clear()
    assert client.post("/office/password/reset/", {"email": "lan@thu.invalid"}).status_code == 302
    assert not mail.outbox
    HeldBack.goes_on.set()
    wait_for_letters()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("ngắn", "Mật khẩu quá ngắn: cần ít nhất 12 ký tự."),
        ("748291650317", "Mật khẩu không được chỉ gồm chữ số."),
        ("lan@thu.invalid", "Mật khẩu quá giống tên đăng nhập, họ tên hoặc thư điện tử của bạn."),
        ("ba từ thôi cũng đủ", None),
        ("dài" * 42 + "đủ", None),
        ("dài" * 43, "Mật khẩu quá dài: nhiều nhất 128 ký tự."),
        ("q1w2e3r4t5y6", "Mật khẩu này có trong danh sách mật khẩu hay bị dùng."),
    ],
)
def test_weak_passwords_are_refused_in_vietnamese(client, person, password, refusal):
    client.force_login(person)
    fields = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    response = client.post("/office/password/change/", fields)
    if refusal is None:
        assert response.status_code == 302
    else:
        assert refusal in response.content.decode()


def test_changing_the_password_ends_the_other_sessions(client, person):
    elsewhere = Client()
    for one in (client, elsewhere):
        log_in(one)
    fields = {
        "old_password": PASSWORD,
        "new_password1": "năm từ khác hẳn",
        "new_password2": "năm từ khác hẳn",
    }
    client.post("/office/password/change/", fields)
    assert client.get("/office/account/").status_code == 200
    assert elsewhere.get("/office/account/").status_code == 302


def test_a_code_is_set_up_asked_for_and_taken_off(client, person):
    with time_machine.travel(NOON, tick=False) as now:
        log_in(client)
        page = client.get("/office/two-factor/set-up/").content.decode()
        assert '<img src="data:image/svg+xml' in page
        device = TOTPDevice.objects.get()
        client.post("/office/two-factor/set-up/", {"code": code_of(device)})
        client.post("/office/logout/")

        now.shift(60)
        assert log_in(client, next="/office/account/")["Location"] == "/office/two-factor/"
        assert client.get("/office/account/").status_code == 302, "a password alone opens nothing"
        client.get("/office/two-factor/")
        assert client.post("/office/two-factor/", {"code": code_of(device)})["Location"] == "/office/account/"

        now.shift(60)
        client.post("/office/two-factor/take-off/", {"code": "000000"})
        assert TOTPDevice.objects.count() == 1
        now.shift(60)
        client.post("/office/two-factor/take-off/", {"code": code_of(device)})
        assert TOTPDevice.objects.count() == 0


def secret_of(client: Client) -> str:
    return client.get("/office/two-factor/set-up/").context["secret"]


def test_the_secret_of_a_device_is_shown_to_the_session_that_sets_it_up_alone(client, person):
    thief, owner = Client(), Client()
    for one in (thief, owner):
        log_in(one)
    seen, own = secret_of(thief), secret_of(owner)
    assert seen != own == secret_of(owner)
    with time_machine.travel(NOON, tick=False):
        owner.post("/office/two-factor/set-up/", {"code": code_of(TOTPDevice.objects.get())})
    device = TOTPDevice.objects.get()
    assert device.confirmed and b32encode(device.bin_key).decode() == own
    assert thief.get("/office/two-factor/set-up/")["Location"] == "/office/account/"


def test_a_code_works_once_and_wrong_ones_bring_a_pause(client, person):
    device = TOTPDevice.objects.create(user=person, confirmed=True, name="điện thoại")
    with time_machine.travel(NOON, tick=False) as now:
        used = code_of(device)
        log_in(client)
        client.post("/office/two-factor/", {"code": used})
        other = Client()
        log_in(other)
        assert "đã dùng" in other.post("/office/two-factor/", {"code": used}).content.decode()
        assert "Hãy chờ một lát" in other.post("/office/two-factor/", {"code": "111111"}).content.decode()
        now.shift(60)
        assert other.post("/office/two-factor/", {"code": code_of(device)}).status_code == 302


def test_the_code_must_follow_the_password_within_ten_minutes(client, person):
    device = TOTPDevice.objects.create(user=person, confirmed=True, name="điện thoại")
    with time_machine.travel(NOON, tick=False) as now:
        log_in(client)
        now.shift(11 * 60)
        response = client.post("/office/two-factor/", {"code": code_of(device)})
    assert response["Location"] == "/office/login/"


def test_nobody_reaches_the_code_without_the_password(client):
    assert client.get("/office/two-factor/")["Location"] == "/office/login/"


def test_who_publishes_needs_a_code_where_the_server_says_so(client, person, settings):
    settings.REQUIRE_TOTP = True
    Membership.objects.create(user=person, organiser=make_organiser(), role="publisher")
    assert log_in(client)["Location"] == "/office/two-factor/"
    assert "phải đăng nhập bằng hai bước" in client.get("/office/two-factor/").content.decode()
    device = TOTPDevice.objects.get()
    assert client.post("/office/two-factor/", {"code": code_of(device)})["Location"] == "/office/"
    assert client.post("/office/two-factor/take-off/", {"code": "1"}).status_code == 403
    assert TOTPDevice.objects.filter(confirmed=True).exists()


def test_who_appraises_does_not_need_one(client, person, settings):
    settings.REQUIRE_TOTP = True
    Membership.objects.create(user=person, organiser=make_organiser(), role="appraiser")
    assert log_in(client)["Location"] == "/office/"


def test_an_old_form_is_refused_with_a_page_that_says_what_to_do(person):
    strict = Client(enforce_csrf_checks=True)
    response = log_in(strict)
    assert response.status_code == 403
    text = response.content.decode()
    assert "Trang đã để quá lâu" in text and "Tệp đính kèm phải chọn lại" in text
    assert 'href="/office/"' in text and "Mở lại trang đó" not in text


@pytest.mark.parametrize(
    ("came_from", "leads_back"),
    [
        ("http://testserver/office/years/3/uploads/?stage=self", True),
        ("https://example.org/office/years/3/uploads/", False),
        ("http://testserver.example.org/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_the_page_of_an_old_form_leads_back_to_it_within_this_site_alone(came_from, leads_back):
    response = Client(enforce_csrf_checks=True).post(
        "/office/years/3/uploads/", headers={"referer": came_from}
    )
    assert response.status_code == 403
    assert (f'href="{came_from}"' in response.content.decode()) is leads_back


def test_who_must_give_a_code_is_asked_in_a_session_that_is_already_open(client, settings, person):
    Membership.objects.create(user=person, organiser=make_organiser(), role="publisher")
    client.force_login(person)
    assert client.get("/office/").status_code == 200
    settings.REQUIRE_TOTP = True
    answer = client.get("/office/tasks/")
    assert answer["Location"] == "/office/two-factor/"
    client.get("/office/two-factor/")
    device = TOTPDevice.objects.get()
    assert client.post("/office/two-factor/", {"code": code_of(device)})["Location"] == "/office/tasks/"
    assert client.get("/office/tasks/").status_code == 200


def test_a_password_that_somebody_else_knows_is_changed_before_anything_else(client, person):
    User.objects.filter(pk=person.pk).update(must_change_password=True)
    log_in(client)
    answer = client.get("/office/tasks/", follow=True)
    assert answer.redirect_chain == [("/office/password/change/", 302)]
    assert "không chỉ mình bạn biết" in answer.content.decode()
    new = {"new_password1": PASSWORD + " mới", "new_password2": PASSWORD + " mới"}
    client.post("/office/password/change/", {"old_password": PASSWORD, **new})
    assert client.get("/office/tasks/").status_code == 200


def test_a_password_everybody_knows_opens_only_the_page_to_change_it(client, person):
    person.set_password("q1w2e3r4t5y6")
    person.save()
    log_in(client, "q1w2e3r4t5y6")
    assert client.get("/office/")["Location"] == "/office/password/change/"


def test_a_forgotten_log_in_elsewhere_is_ended_against_the_password(client, person):
    here, elsewhere = Client(), Client()
    log_in(here)
    log_in(elsewhere)
    assert "Mật khẩu hiện tại không đúng." in (
        here.post("/office/sessions/end/", {"password": "sai"}).content.decode()
    )
    assert elsewhere.get("/office/account/").status_code == 200
    here.post("/office/sessions/end/", {"password": PASSWORD})
    assert here.get("/office/account/").status_code == 200
    assert elsewhere.get("/office/account/").status_code == 302
    assert log_in(Client()).status_code == 302


def test_a_letter_tells_of_a_changed_password(client, person):
    log_in(client)
    new = {"new_password1": PASSWORD + " mới", "new_password2": PASSWORD + " mới"}
    client.post("/office/password/change/", {"old_password": PASSWORD, **new})
    [letter] = mail.outbox
    assert letter.to == ["lan@thu.invalid"]
    assert "Bạn vừa đổi mật khẩu." in letter.body
    assert PASSWORD not in letter.body


def test_letters_tell_of_a_second_step_set_up_and_taken_off(client, person):
    with time_machine.travel(NOON, tick=False) as now:
        log_in(client)
        client.get("/office/two-factor/set-up/")
        device = TOTPDevice.objects.get()
        client.post("/office/two-factor/set-up/", {"code": code_of(device)})
        now.shift(60)
        client.post("/office/two-factor/take-off/", {"code": code_of(device)})
    assert ["vừa được bật" in letter.body for letter in mail.outbox] == [True, False]
    assert "vừa được tắt" in mail.outbox[1].body


def test_a_mail_server_that_is_away_leaves_the_change_and_a_line_in_the_log(client, person, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    log_in(client)
    new = {"new_password1": PASSWORD + " mới", "new_password2": PASSWORD + " mới"}
    client.post("/office/password/change/", {"old_password": PASSWORD, **new})
    person.refresh_from_db()
    assert person.check_password(PASSWORD + " mới")
    assert "a notice could not be sent: ConnectionRefusedError" in caplog.text
    assert "lan@thu.invalid" not in caplog.text


def test_who_administers_needs_a_code_too(client, person, settings):
    settings.REQUIRE_TOTP = True
    Membership.objects.create(user=person, organiser=make_organiser(), role="administrator")
    assert log_in(client)["Location"] == "/office/two-factor/"
