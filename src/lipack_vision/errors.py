"""Typed errors: each names the place, what was expected, what was found and how to mend it."""

from __future__ import annotations


class LipackError(Exception):
    """Base of every error that this library raises on purpose.

    Args:
        where: file, field or argument that is at fault.
        expected: what would have been right.
        found: what was there.
        cure: what to do about it.
    """

    def __init__(self, where: str, *, expected: str, found: str, cure: str) -> None:
        self.where, self.expected, self.found, self.cure = where, expected, found, cure
        super().__init__(f"{where}: expected {expected}, found {found}. {cure}")

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Errors cross process borders (`--jobs`); the default would call __init__ with one argument.
        return _rebuild, (type(self), self.__dict__.copy(), self.args)

    def to_dict(self) -> dict[str, str]:
        """The error as plain JSON values."""
        return {
            "error": type(self).__name__,
            "where": self.where,
            "expected": self.expected,
            "found": self.found,
            "cure": self.cure,
        }


def _rebuild(kind: type[LipackError], state: dict[str, object], args: tuple[object, ...]) -> LipackError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ImageError(LipackError):
    """A photo is missing, unreadable, not an image, or larger or smaller than allowed."""


class ShapeError(LipackError):
    """An array has the wrong shape or type."""


class ArtifactError(LipackError):
    """A model artifact is missing, altered, or made for another version."""


class DeclarationError(LipackError):
    """A declaration file has a missing, unknown or wrong field."""


class DatasetError(LipackError):
    """A data set is not what its format demands."""


class ConfigError(LipackError):
    """A setting is unknown or has a wrong value."""


class LibraryError(LipackError):
    """A library of qualified packagings cannot be opened, lacks what is asked for, or was altered."""


class MissingExtraError(LipackError):
    """A function needs an optional extra that is not installed."""
