"""The environment of every test run, set before pytest-django reads the settings."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.update(DEBUG="0", HTTPS="0", STATIC_MANIFEST="0")
os.environ.setdefault("CCHC_DEMO_PASSWORD", "only-for-tests")
if "CCHC_PRIVATE_DIR" not in os.environ:
    # One folder for all workers of a run, gone with the process that started them.
    os.environ["CCHC_PRIVATE_DIR"] = tempfile.mkdtemp(prefix="cchc-tests-")
    atexit.register(shutil.rmtree, os.environ["CCHC_PRIVATE_DIR"], ignore_errors=True)
