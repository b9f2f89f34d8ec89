"""The environment of every test run, set before pytest-django reads the settings."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.update(DEBUG="0", HTTPS="0", STATIC_MANIFEST="0")
os.environ.setdefault("CCHC_DEMO_PASSWORD", "only-for-tests")
