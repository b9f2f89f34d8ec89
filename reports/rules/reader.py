"""Strict reading of decoded JSON: every key is asked for, and what nobody asked for is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_Choice = TypeVar("_Choice", bound=StrEnum)


class SchemaError(ValueError):
    """What is wrong, in Vietnamese, and where: `path` like "rule.levels[1].points"."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class Reader:
    """Takes each key of a mapping once; what is left over at the end is unknown, and refused."""

    def __init__(self, node: object, path: str) -> None:
        if not isinstance(node, Mapping):
            raise SchemaError(path, "phải là một đối tượng JSON.")
        self.path = path
        self.left: dict[str, Any] = dict(node)

    def at(self, key: str) -> str:
        return f"{self.path}.{key}"

    def take(self, key: str) -> Any:
        if key not in self.left:
            raise SchemaError(self.at(key), "thiếu mục này.")
        return self.left.pop(key)

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise SchemaError(self.at(key), "phải là chuỗi ký tự, không để trống.")
        return value

    def optional_text(self, key: str) -> str:
        value = self.left.pop(key, None)
        if value is not None and not isinstance(value, str):
            raise SchemaError(self.at(key), "phải là chuỗi ký tự.")
        return value or ""

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            raise SchemaError(self.at(key), "phải là true hoặc false.")
        return value

    def is_absent(self, key: str) -> bool:
        """Whether the key is missing or null; a null is taken."""
        if self.left.get(key) is None:
            self.left.pop(key, None)
            return True
        return False

    def name(self, key: str) -> str:
        value = self.text(key)
        if not _NAME.fullmatch(value):
            raise SchemaError(self.at(key), f"“{value}” không phải là tên (chữ thường a–z, số, gạch dưới).")
        return value

    def number(self, key: str, *, most: Decimal | None = None) -> Decimal:
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise SchemaError(self.at(key), 'phải là số viết trong ngoặc kép, ví dụ "0.5".')
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise SchemaError(self.at(key), f"“{value}” không phải là số.") from None
        if not number.is_finite() or number < 0:
            raise SchemaError(self.at(key), f"“{value}” phải từ 0 trở lên.")
        if most is not None and number > most:
            raise SchemaError(self.at(key), f"{number} lớn hơn mức cho phép là {most}.")
        return number

    def positive(self, key: str, *, most: Decimal | None = None) -> Decimal:
        number = self.number(key, most=most)
        if number == 0:
            raise SchemaError(self.at(key), "phải lớn hơn 0.")
        return number

    def choice(self, key: str, choices: type[_Choice]) -> _Choice:
        value = self.take(key)
        if value not in tuple(choices):
            allowed = ", ".join(choices)
            raise SchemaError(self.at(key), f"“{value}” không hợp lệ; chỉ dùng: {allowed}.")
        return choices(value)

    def child(self, key: str) -> Reader:
        return Reader(self.take(key), self.at(key))

    def items(self, key: str) -> list[Reader]:
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise SchemaError(self.at(key), "phải là danh sách có ít nhất một mục.")
        return [Reader(item, f"{self.at(key)}[{place}]") for place, item in enumerate(value)]

    def drop(self, key: str) -> list[Reader]:
        """No items: for a list that may be missing or empty."""
        self.left.pop(key, None)
        return []

    def finish(self) -> None:
        for key in self.left:
            raise SchemaError(self.at(key), "mục này không có trong cấu trúc quy tắc.")
