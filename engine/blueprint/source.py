"""Where something was written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a config set's file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
