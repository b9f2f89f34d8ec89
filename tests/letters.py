"""Letters that go out aside, after the answer."""

import threading

from districts.account_forms import LETTER


def wait_for_letters() -> None:
    for thread in threading.enumerate():
        if thread.name == LETTER:
            thread.join(30)
