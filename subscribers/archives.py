"""A file as it arrives: plain, packed with gzip, or a zip archive with one list or several in it.

What is packed is read as a stream, as often as it is needed; nothing is unpacked onto the disk.
"""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from subscribers import other_files
from subscribers.errors import FileMistake

_BLOCK = 1 << 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"

#: A list in an archive that has more files of text than this is not looked for.
MOST_FILES = 200

_LISTS = frozenset({".csv", ".tsv", ".txt", ".tab"})

#: What reading a damaged archive raises, besides OSError.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, gzip.BadGzipFile)


@dataclass(kw_only=True, slots=True)
class Part:
    """One file of text, by whatever way it came; it can be read again from its beginning."""

    name: str
    raw: IO[bytes]
    #: How much of it has been read, 0 to 1.
    share: Callable[[], float]
    #: Whether somebody has written to it since it was opened: it is being downloaded, or a program has it open.
    changed: Callable[[], bool]


@contextmanager
def parts(source: str | Path | IO[Any]) -> Iterator[tuple[Part, ...]]:
    """The files of text in `source`, in the order of their names. Raises FileMistake for what holds none."""
    with ExitStack() as stack:
        raw, name = stack.enter_context(_seekable(source)), _name(source)
        changed = _watched(raw) if name else _never
        start = raw.read(4)
        raw.seek(0)
        if start.startswith(_ZIP):
            yield _in_zip(raw, name, stack, changed)
        elif start.startswith(_GZIP):
            unpacked = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb")))
            yield (Part(name=name.removesuffix(".gz"), raw=unpacked, share=_share(raw), changed=changed),)
        else:
            yield (Part(name=name, raw=raw, share=_share(raw), changed=changed),)


def damaged(name: str, error: BaseException) -> FileMistake:
    return FileMistake(
        f"{name or 'The file'} is damaged and cannot be unpacked: {error}. Nothing was changed.",
        hint="Download it again, or unpack it yourself and import what is in it.",
    )


def _name(source: str | Path | IO[Any]) -> str:
    return Path(source).name if isinstance(source, str | Path) else ""


@contextmanager
def _seekable(source: str | Path | IO[Any]) -> Iterator[IO[bytes]]:
    """A path is opened; a stream (an upload, standard input) is copied, because the file is read more than once."""
    if isinstance(source, str | Path):
        try:
            raw = Path(source).open("rb")  # noqa: SIM115 - closed by the `with` below; only opening may fail here
        except OSError as error:
            raise FileMistake(f"{source} cannot be opened: {error.strerror}.", hint="Check the name.") from None
        with raw:
            yield raw
        return
    with tempfile.SpooledTemporaryFile(max_size=16 * _BLOCK) as copy:
        while block := source.read(_BLOCK):
            copy.write(block.encode() if isinstance(block, str) else block)
        copy.seek(0)
        yield copy


def _share(raw: IO[bytes]) -> Callable[[], float]:
    """By the bytes of the file as it lies there, packed or not."""
    size = raw.seek(0, io.SEEK_END)
    raw.seek(0)
    return lambda: min(1.0, raw.tell() / size) if size else 1.0


def _watched(raw: IO[bytes]) -> Callable[[], bool]:
    def state() -> tuple[int, int]:
        now = os.fstat(raw.fileno())
        return now.st_size, now.st_mtime_ns

    opened = state()
    return lambda: state() != opened


def _never() -> bool:
    """What was copied nobody else writes to."""
    return False


def _in_zip(raw: IO[bytes], name: str, stack: ExitStack, changed: Callable[[], bool]) -> tuple[Part, ...]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(raw))
        inside = [entry for entry in archive.infolist() if not entry.is_dir()]
        other_files.refuse_archive(name, [entry.filename for entry in inside])
        lists = sorted((entry for entry in inside if _is_text(entry.filename)), key=lambda entry: entry.filename)
        return tuple(_entry(archive, entry, stack, changed) for entry in _not_too_many(lists, name))
    except RuntimeError as error:  # how zipfile says that it wants a password
        raise FileMistake(
            f"{name} cannot be unpacked: {error}. Nothing was changed.", hint="Unpack it first."
        ) from None
    except DAMAGED as error:
        raise damaged(name, error) from None


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, stack: ExitStack, changed: Callable[[], bool]) -> Part:
    raw, size = stack.enter_context(archive.open(entry)), entry.file_size
    return Part(
        name=PurePosixPath(entry.filename).name,
        raw=raw,
        share=lambda: min(1.0, raw.tell() / size) if size else 1.0,
        changed=changed,
    )


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    # Macs put a shadow of every file into the archive.
    return path.suffix.lower() in _LISTS and not path.name.startswith(".") and "__MACOSX" not in path.parts


def _not_too_many(lists: list[zipfile.ZipInfo], name: str) -> list[zipfile.ZipInfo]:
    if not lists:
        raise FileMistake(
            f"There is no CSV file in {name or 'the archive'}. Nothing was changed.",
            hint="Unpack it and import the list that is in it.",
        )
    near = [entry for entry in lists if "/" not in entry.filename.strip("/")] or lists
    return near[:MOST_FILES]
