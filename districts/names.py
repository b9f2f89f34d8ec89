"""How are Vietnamese names ordered and found? Pure: no database, no locale of the machine."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

# In the order of CLDR's `vi`: none, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Letters of their own, after the one they are written with: a ă â, d đ, e ê, o ô ơ, u ư.
_SHAPES = {"a\u0306": "a1", "a\u0302": "a2", "đ": "d1", "e\u0302": "e1", "o\u0302": "o1"} | {
    "o\u031b": "o2",
    "u\u031b": "u1",
}
# ICU's order of the punctuation that names are written with; anything else follows it.
_PUNCTUATION = " _-–—,;:!?.'‘’\"“”()[]/&"
_LEVEL_END, _SPACE_TO_OTHER = "00", 1
_OTHER_SIGN = "0z"
_MAX_NUMBER_LENGTH = 35
_SHORTEST_TEXT = 3
# A longer word may be several syllables that were typed together.
_SHORTEST_RUN, _LONGEST_CODE = 5, 12
_ALPHANUMERIC = "0123456789abcdefghijklmnopqrstuvwxyz"

# What people type for a type of unit, and how it is written out.
_ABBREVIATIONS = {
    "t": "tỉnh",
    "tp": "thành phố",
    "h": "huyện",
    "q": "quận",
    "tx": "thị xã",
    "x": "xã",
    "p": "phường",
    "tt": "thị trấn",
    "đk": "đặc khu",
    "dk": "đặc khu",
}
_PLACES = {"hcm": "hồ chí minh", "tphcm": "thành phố hồ chí minh", "hn": "hà nội", "tphn": "thành phố hà nội"}
TYPE_WORDS = tuple(sorted({*_ABBREVIATIONS.values()}))


def fold(text: str) -> str:
    """The text in lower case without marks, đ as d, with single spaces for all that is no letter or digit.

    >>> fold("Huyện  Phú-Xuyên (Đông)")
    'huyen phu xuyen dong'
    """
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return _spaced("".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def canonical(text: str) -> str:
    """The text in lower case NFC with its marks, the tone where the old rule sets it: Hoà and Hòa are one.

    >>> canonical("Thuý Hoà"), canonical("Quý")
    ('thúy hòa', 'quý')
    """
    composed = unicodedata.normalize("NFC", text.lower())
    return " ".join(_with_old_tone_place(word) for word in _spaced(composed).split())


def has_marks(text: str) -> bool:
    """Whether the text is typed with Vietnamese letters or tones, so that they are meant."""
    return canonical(text) != fold(text)


def _spaced(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


@lru_cache(maxsize=4096)
def _with_old_tone_place(syllable: str) -> str:
    """oà, oè, uý at the end of a syllable become òa, òe, úy; after q the u belongs to the consonant."""
    if len(syllable) < 2 or not syllable[-1].isalpha():
        return syllable
    head, first, last = syllable[:-2], syllable[-2], syllable[-1]
    base, tone = _without_tone(last)
    if tone and first + base in ("oa", "oe", "uy") and not head.endswith("q"):
        return head + unicodedata.normalize("NFC", first + tone) + base
    base, tone = _without_tone(first)
    if tone and base == "u" and head.endswith("q"):
        return head + base + unicodedata.normalize("NFC", last + tone)
    return syllable


def _without_tone(letter: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in parts if mark in _TONES)
    return unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES)), tone


def sort_key(text: str) -> str:
    """A string of 0–9 and a–z whose order, byte by byte, is the order ICU's `vi` gives (with `kn`: 2 < 10).

    Letters first (a ă â b … d đ e ê …), then tones, then case. Every letter is followed by a digit, so
    that no collation of a database (`ch` in Czech, say) can see more in it than the bytes.
    Source: CLDR `vi` collation; compared with ICU over all official names in tests/test_names.py.
    """
    letters: list[str] = []
    tones: list[str] = []
    cases: list[str] = []
    number = ""
    for letter, tone, is_upper in _letters(text):
        if letter.isdecimal():
            number += str(int(letter))
            continue
        if number:
            letters.append(_number_token(number))
            number = ""
        letters.append(_letter_token(letter))
        tones.append(tone)
        cases.append("1" if is_upper else "0")
    if number:
        letters.append(_number_token(number))
    return _LEVEL_END.join(("".join(letters), "".join(tones), "".join(cases)))


def _letters(text: str) -> Iterable[tuple[str, str, bool]]:
    """Each letter with its shape but without its tone, its tone's place in the order, whether upper case."""
    for composed in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", composed)
        tone = next((_TONES[mark] for mark in parts if mark in _TONES), "0")
        letter = "".join(mark for mark in parts if mark not in _TONES)
        yield letter.lower(), tone, letter != letter.lower()


def _letter_token(letter: str) -> str:
    if letter in _SHAPES:
        return _SHAPES[letter]
    base = letter[0]
    if base.isascii() and base.isalpha():
        return f"{base}0"
    place = _PUNCTUATION.find(base)
    if place >= 0:
        return f"0{_ALPHANUMERIC[_SPACE_TO_OTHER + place]}"
    return f"z{_ALPHANUMERIC[1]}" if base.isalpha() else _OTHER_SIGN


def _number_token(digits: str) -> str:
    significant = (digits.lstrip("0") or "0")[:_MAX_NUMBER_LENGTH]
    return f"1{_ALPHANUMERIC[len(significant)]}{significant}"


def unit_sort_key(name: str, type_: str) -> str:
    """The order of units in a list: by name, then by type. At most 400 signs, as the column holds."""
    return f"{sort_key(name)}{_LEVEL_END}{sort_key(type_)}"[:400]


def search_key(names: Iterable[tuple[str, str]]) -> str:
    """What a unit is found by: each (type, name) it has or had, folded and with marks, between bars.

    >>> search_key([("Huyện", "Phú Xuyên")])
    '|phu xuyen|huyen phu xuyen|phú xuyên|huyện phú xuyên|'
    """
    forms: dict[str, None] = {}
    for spell in (fold, canonical):
        for type_, name in names:
            # H'Leo is typed with and without the apostrophe.
            for spelling in dict.fromkeys((name, name.replace("'", "").replace("’", ""))):
                forms[spell(spelling)] = None
                forms[spell(f"{type_} {spelling}")] = None
    key = "|"
    for form in forms:
        if len(key) + len(form) < 240:
            key += f"{form}|"
    return key


def readings(query: str) -> tuple[str, ...]:
    """The query as typed and with an abbreviated type or place written out: "h. Phú Xuyên", "tp hcm", "q1"."""
    words = canonical(query).split()
    if not words:
        return ()
    if len(words[0]) > 1 and words[0][0] in "qpt" and words[0][1:].isdecimal():
        words = [words[0][0], words[0][1:], *words[1:]]
    written_out = [_PLACES.get(word, word) for word in words]
    if len(words) > 1:
        written_out[0] = _ABBREVIATIONS.get(words[0], words[0])
    return tuple(dict.fromkeys((" ".join(words), " ".join(written_out))))


def without_type(query: str) -> str:
    """The query without the type of unit it begins with: "huyện phú xuyên" → "phú xuyên".

    A name that is a type word alone is left as it is.
    """
    for reading in reversed(readings(query)):
        for word in TYPE_WORDS:
            for start in (f"{word} ", f"{fold(word)} "):
                if reading.startswith(start):
                    return reading.removeprefix(start)
    return canonical(query)


def match_patterns(query: str) -> tuple[str, ...]:
    """What to look for in a search key, the best match first; where marks were typed, with them first.

    Whole name, beginning of the name, whole word, beginning of a word, and (from three signs on) anywhere.
    """
    spellings = dict.fromkeys(readings(query)) if has_marks(query) else {}
    spellings |= dict.fromkeys(fold(reading) for reading in readings(query))
    marked = [spelling for spelling in spellings if spelling != fold(spelling)]
    plain = [spelling for spelling in spellings if spelling == fold(spelling)]
    return tuple(
        shape.format(spelling)
        for group in (marked, plain)
        for shape in ("|{}|", "|{} ", "|{}", " {}|", " {} ", " {}", "{}")
        for spelling in group
        if shape != "{}" or len(spelling) > 2
    )


def widest_patterns(query: str) -> tuple[str, ...]:
    """Of the patterns to look for, the few that find everything the others find."""
    patterns = match_patterns(fold(query))
    return tuple(p for p in patterns if not any(other != p and other in p for other in patterns))


def run_together(query: str) -> str:
    """The query as one word without marks, where it is one word long enough to be a name: "PhuXuyen" → "phuxuyen".

    >>> run_together("PhúXuyên"), run_together("phu xuyen"), run_together("xã")
    ('phuxuyen', '', '')
    """
    word = fold(query)
    return word if len(word) >= _SHORTEST_RUN and word.isalpha() else ""


def as_code(query: str) -> str:
    """The code of a unit that the query may be: "10273", "MH03"; empty where it is none.

    >>> as_code("10273"), as_code(" mh03 "), as_code("phường 10")
    ('10273', 'MH03', '')
    """
    word = query.strip().upper()
    is_code = 1 < len(word) <= _LONGEST_CODE and word.isascii() and word.isalnum() and word[-1].isdigit()
    return word if is_code else ""


def match_quality(query: str, key: str) -> int | None:
    """How well a search key answers a query: 0 is best, None is not at all."""
    for quality, pattern in enumerate(match_patterns(query)):
        if pattern in key:
            return quality
    return None


def text_key(texts: Iterable[str]) -> str:
    """What a page or a criterion is found by: each text folded and with marks, between bars, however long.

    >>> text_key(["Dữ liệu mở"])
    '|du lieu mo|dữ liệu mở|'
    """
    forms = dict.fromkeys(spell(text) for spell in (fold, canonical) for text in texts)
    return f"|{'|'.join(form for form in forms if form)}|"


def is_too_short(query: str) -> bool:
    """Whether a query has too few letters to mean a page: nearly every title has them somewhere."""
    return len(fold(query)) < _SHORTEST_TEXT


def text_matcher(query: str) -> Callable[[str], int | None]:
    """How well keys of `text_key` answer a query: 0 is best, None is not at all.

    Better the query as it stands, in the order of `match_patterns`; then all its words, each at the beginning of a
    word and wherever they stand, with their marks first. What is shorter than three signs answers nothing.
    """
    if is_too_short(query):
        return lambda key: None
    folded = fold(query)
    patterns = match_patterns(query)
    spellings = (canonical(query).split(), folded.split()) if has_marks(query) else (folded.split(),)

    def quality(key: str) -> int | None:
        for place, pattern in enumerate(patterns):
            if pattern in key:
                return place
        for later, words in enumerate(spellings):
            if all(f" {word}" in key or f"|{word}" in key for word in words):
                return len(patterns) + later
        return None

    return quality
