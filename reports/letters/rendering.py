"""A letter into a Word file, by the office's own template where it has one, else by the packaged one."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from reports.letters.unit import UnitLetter
from reports.letters.year import YearLetter

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

PACKAGED = Path(__file__).parent.parent / "data" / "letters"
UNIT, YEAR = "unit.docx", "year.docx"


class LetterTemplateError(Exception):
    """A template cannot be used; the message says in Vietnamese which one and why."""


def template_path(name: str) -> Path:
    """Return the office's own file of that name where there is one, else the packaged one."""
    if settings.LETTER_DIR is not None and (settings.LETTER_DIR / name).is_file():
        return Path(settings.LETTER_DIR / name)
    return PACKAGED / name


def word_file(letter: UnitLetter | YearLetter) -> bytes:
    """Return a letter as .docx; raises LetterTemplateError where its template is broken."""
    return fill(template_path(UNIT if isinstance(letter, UnitLetter) else YEAR), letter)


def fill(path: Path, letter: UnitLetter | YearLetter) -> bytes:
    """Return the template at a path filled in. Every text is escaped: nothing a unit wrote becomes markup."""
    from docxtpl import DocxTemplate  # type: ignore[import-untyped]

    # An office's file may be broken in any way there is, and each library below fails in its own.
    try:
        document = DocxTemplate(io.BytesIO(path.read_bytes()))
        document.render(dict(vars(letter)), _environment())
        written = io.BytesIO()
        document.save(written)
    except Exception as error:
        message = _("Mẫu văn bản %(file)s bị lỗi nên chưa lập được báo cáo: %(reason)s.")
        raise LetterTemplateError(message % {"file": path.name, "reason": _reason(error)}) from error
    return written.getvalue()


def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Strict: a misspelt name would otherwise leave a hole in an official paper that nobody notices.
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_printable)


def _printable(value: Any) -> Any:
    """Return a text without the control characters that XML cannot hold; line breaks stay."""
    if type(value) is not str:
        return value
    return "".join(sign for sign in value if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))


def _reason(error: Exception) -> str:
    from docx.opc.exceptions import PackageNotFoundError
    from jinja2 import TemplateSyntaxError, UndefinedError
    from jinja2.exceptions import SecurityError

    match error:
        case zipfile.BadZipFile() | PackageNotFoundError() | KeyError():
            return _("tệp không phải văn bản Word (.docx)")
        case UndefinedError():
            return _("mẫu gọi một tên mà hệ thống không có (%(said)s)") % {"said": error.message}
        case TemplateSyntaxError():
            return _("sai cú pháp của thẻ (%(said)s)") % {"said": error.message}
        case SecurityError():
            return _("mẫu dùng lệnh không được phép")
        case OSError():
            return _("không đọc được tệp")
    return _("không điền được số liệu vào mẫu (%(said)s)") % {"said": type(error).__name__}
