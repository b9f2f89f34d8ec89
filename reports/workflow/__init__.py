"""Changes of state: permission, lock, check, save, audit."""

from .publication import publish

__all__ = ["publish"]
