"""What people send instead of CSV, told by its first bytes or by what is in the archive, and what to do with it."""

from __future__ import annotations

import re
from collections.abc import Collection

from subscribers import encodings
from subscribers.errors import FileMistake

#: Most of them open in a spreadsheet program, also the web pages that some systems call .xls.
_SAVE = "Open it in the program that made it and save or export it as CSV (UTF-8)."
_BEGINNINGS = {
    rb"PK\x03\x04": "another zip archive",
    rb"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    rb"%PDF": "a PDF",
    rb"\x1f\x8b": "a gzip archive",
    rb"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    rb"Rar!": "a RAR archive",
    rb"\x89PNG|\xff\xd8\xff": "a picture",
    rb"SQLite format 3": "a database",
    rb"\{\\rtf": "a text document (.rtf)",
    rb"\s*BEGIN:VCARD": "a file of contacts (vCard)",
    rb"\s*<(?:\?xml|!--|!doctype|html|head|meta|body|div|table)\b": "a web page",
    rb"\s*(?:\[\s*)?\{\s*\"": "JSON",
}
_BEGINNING = re.compile(rb"|".join(rb"(%s)" % each for each in _BEGINNINGS), re.IGNORECASE)

#: Names of files in an archive that is no archive to the person who has it.
_INSIDE = {
    "xl/workbook": "an Excel workbook (.xlsx)",
    "word/document": "a Word document",
    "index/document.iwa": "a Numbers spreadsheet",
    "content.xml": "an OpenDocument spreadsheet (.ods)",
    "[content_types].xml": "an Excel workbook (.xlsx)",
}

#: Bytes of a text that may be zero: databases export empty cells so. Of anything else more are.
_ZEROS = 0.02

#: Bytes that are in no text but by mistake: control characters, without tab, line breaks and escape.
_CONTROLS = bytes({*range(1, 9), *range(14, 27), *range(28, 32), 127})


def refuse(head: bytes) -> None:
    """`head` is the first block of what should be a list. Raises FileMistake."""
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise FileMistake("The file is empty. Nothing was changed.", hint="Was it the right one?")
    found = _BEGINNING.match(head.removeprefix(b"\xef\xbb\xbf"))
    kind = tuple(_BEGINNINGS.values())[(found.lastindex or 1) - 1] if found else ""
    if not kind and not encodings.marked_or_utf16(head) and _is_binary(head):
        kind = "not text"
    if kind:
        raise FileMistake(f"The file is {kind}, not CSV. Nothing was changed.", hint=_SAVE)


def refuse_archive(name: str, inside: Collection[str]) -> None:
    """A document that is packed like an archive. Raises FileMistake."""
    names = [each.lower() for each in inside]
    kind = next((kind for start, kind in _INSIDE.items() if any(each.startswith(start) for each in names)), "")
    if kind:
        raise FileMistake(f"{name or 'The file'} is {kind}, not CSV. Nothing was changed.", hint=_SAVE)


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(b"\0") > len(head) * _ZEROS or controls > len(head) / 50
