"""The report of rows that were not loaded: JSON Lines, or CSV where its name ends so."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from platform_core.imports.mapping import ImportRefused
from platform_core.imports.reading import Refused


class Report:
    """Written row by row; no bad row, no file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: IO[str] | None = None
        self._csv: Any = None
        if not path.parent.is_dir():
            raise ImportRefused(
                f"The folder {path.parent} of the error report does not exist: make it first."
            )
        if path.is_dir():
            raise ImportRefused(f"The error report {path} is a folder: name a file.")

    def add(self, refused: Refused) -> None:
        """Write down one row."""
        if self._file is None:
            self._open()
        assert self._file is not None
        self.count += 1
        if self._csv is not None:
            self._csv.writerow([refused.line, refused.reason, refused.text])
        else:
            row = {"line": refused.line, "reason": refused.reason, "text": refused.text}
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def _open(self) -> None:
        try:
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise ImportRefused(
                f"The error report {self.path} cannot be written ({error.strerror}): name another file with "
                "--errors."
            ) from error
        if self.path.suffix.lower() == ".csv":
            self._csv = csv.writer(self._file)
            self._csv.writerow(["line", "reason", "text"])

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
