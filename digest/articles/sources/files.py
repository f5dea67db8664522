"""Local texts: .txt, .md and .html files, and folders of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from digest.errors import InputError
from digest.model import Document, DocumentKind

KINDS = {
    ".txt": DocumentKind.TEXT,
    ".md": DocumentKind.MARKDOWN,
    ".markdown": DocumentKind.MARKDOWN,
    ".html": DocumentKind.HTML,
    ".htm": DocumentKind.HTML,
}
READABLE = "Readable are .txt, .md and .html files."
MAX_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    path: Path
    reason: str


def read_file(path: Path, *, source: str = "", max_bytes: int = MAX_BYTES) -> Document:
    """A file as a document. Raises InputError with what is wrong with it."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"Cannot read {path}: {_called(path)} is not a text we know.", hint=READABLE)
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise InputError(f"Cannot read {path}: it is larger than {max_bytes / 1024 / 1024:.3g} MB.")
        content = path.read_bytes()
    except OSError as trouble:
        raise InputError(f"Cannot read {path}: {_reason(trouble)}.") from trouble
    if not content.strip():
        raise InputError(f"Cannot read {path}: it is empty.")
    return Document(location=str(path.resolve()), kind=kind, content=content, source=source)


def list_folder(folder: Path) -> tuple[list[Path], list[Skipped]]:
    """The readable files of a folder and the folders in it, by name, and those that are not. Raises InputError."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", hint="Check the path.")
    inside = folder.resolve()
    found: list[Path] = []
    skipped: list[Skipped] = []
    for path in sorted(_walk(folder, skipped)):
        reason = _why_not(path, inside)
        if reason:
            skipped.append(Skipped(path, reason))
        else:
            found.append(path)
    return found, skipped


def _walk(folder: Path, skipped: list[Skipped]) -> list[Path]:
    """Every file below, not following links to folders: they may lead outside, or round in circles."""
    files: list[Path] = []
    try:
        children = sorted(folder.iterdir())
    except OSError as trouble:
        skipped.append(Skipped(folder, _reason(trouble)))
        return files
    for child in children:
        if child.is_dir() and not child.is_symlink():
            if not child.name.startswith("."):
                files += _walk(child, skipped)
        else:
            files.append(child)
    return files


def _why_not(path: Path, inside: Path) -> str:
    if path.name.startswith("."):
        return "it is hidden"
    if path.is_symlink() and not path.resolve().is_relative_to(inside):
        return "it is a link that leaves the folder"
    if not path.is_file():
        return "it is not a file"
    if path.suffix.lower() not in KINDS:
        return f"{_called(path)} is not a text we know"
    return ""


def _called(path: Path) -> str:
    return f"a {path.suffix} file" if path.suffix else "a file without a suffix"


def _reason(trouble: OSError) -> str:
    if isinstance(trouble, FileNotFoundError):
        return "there is no such file"
    return (trouble.strerror or str(trouble)).lower()
