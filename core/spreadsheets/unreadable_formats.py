"""Files that are no table of text and no Excel workbook: what each is by its first bytes, and what to do instead."""

from __future__ import annotations

import re
from collections.abc import Collection

_SAVE = "save it as XLSX or as “CSV UTF-8”"
_EXPORT = "export the table itself as XLSX or as “CSV UTF-8”"
_UNPACK = "unpack it, and import the files in it"
_LOOKED_AT = 8_192  # bytes

NEITHER = f"It is neither a CSV nor an XLSX file: {_SAVE}."

_HTML = r"<!doctype html|<(?:html|head|body|meta|script|style|div|table)\b|<\?xml.*<html\b"
_ASKS_WHO = r"type=[\"']?password|<title>[^<]*\b(?:log|sign)[ -]?(?:in|on)\b"
_LINE = r"[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*"  # of an e-mail's head

_BY_BYTES = (
    (rb"%PDF", f"It is a PDF, not a table: {_EXPORT}."),
    (rb"{\\rtf", f"It is a text document (RTF), not a table: {_EXPORT}."),
    (rb"SQLite format 3\0", f"It is a database, not a table: {_EXPORT}."),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|RIFF....WEBP|....ftyp", f"It is a picture, not a table: {_EXPORT}."),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!\x1a|BZh\d1AY|\xfd7zXZ|PK\x05\x06", f"It is a packed archive: {_UNPACK}."),
)
_BY_WORDS = (
    (r"<\?xml.*(?:progid=.Excel\.Sheet|urn:schemas-microsoft-com:office:spreadsheet)",
     f"It is an Excel 2003 XML sheet: open it in Excel and {_SAVE}."),
    (rf"(?=.*(?:{_ASKS_WHO}))(?:{_HTML})", "It is a log-in page, not a table: sign in, and download the file again."),
    (rf"(?:{_HTML})(?:.*<t[rhd]\b|.*<table\b)",
     f"It is a web page with a table in it, whatever its name says: open it in Excel and {_SAVE}."),
    (_HTML, "It is a web page, not a table (were you logged out when you downloaded it?): sign in, and download it again."),
    (r"<\?xml|<[a-z][\w:.-]*(?:\s[^<>]*)?>.*</", f"It is XML, which programs exchange, not a table: {_EXPORT}."),
    (r"\{\s*(?:\"[^\"]*\"\s*:|\})|\[\s*(?:[\[{\]]|\"[^\"]*\"\s*[,\]])",
     f"It is JSON, which programs exchange, not a table: {_EXPORT}."),
    (r"BEGIN:V(?:CALENDAR|CARD)", f"It is a calendar or an address book, not a table: {_EXPORT}."),
    (rf"(?=(?:{_LINE})*(?:mime-version|message-id|received|return-path):){_LINE}",
     "It is an e-mail, not a table: save the file that is attached to it."),
)  # fmt: skip
_BY_PART = (
    (r"xl/workbook\.bin", f"It is a binary Excel workbook (.xlsb): {_SAVE}."),
    (r"word/", f"It is a Word document, not a table: {_EXPORT}."),
    (r"ppt/", f"It is a presentation, not a table: {_EXPORT}."),
    (r"(?:.*/)?Index(?:\.zip|/)", f"It is a document of Apple Numbers: export it to Excel, or {_SAVE}."),
    (r"META-INF/manifest\.xml|content\.xml", f"It is an OpenDocument file, as LibreOffice writes it (.ods): {_SAVE}."),
)

_BYTES = tuple((re.compile(pattern, re.DOTALL), said) for pattern, said in _BY_BYTES)
_WORDS = tuple((re.compile(pattern, re.DOTALL | re.IGNORECASE), said) for pattern, said in _BY_WORDS)
_PARTS = tuple((re.compile(pattern), said) for pattern, said in _BY_PART)
_BEFORE = re.compile(r"(?:\s|ï»¿|ÿþ|þÿ|<!--.*?-->)+", re.DOTALL)


def said_of(start: bytes) -> str | None:
    """What to say of a file that begins with these bytes; None where it may be a table."""
    for mark, said in _BYTES:
        if mark.match(start):
            return said
    text = _letters(start)
    if text[:1].isalnum() and ":" not in text[:100]:  # so do most tables
        return None
    return next((said for pattern, said in _WORDS if pattern.match(text)), None)


def _letters(start: bytes) -> str:
    """The beginning in whatever encoding, well enough to know markup by."""
    text = start[:_LOOKED_AT].replace(b"\0", b"").decode("latin-1")
    return text[found.end() :].replace("\r\n", "\n") if (found := _BEFORE.match(text)) else text.replace("\r\n", "\n")


def said_of_package(parts: Collection[str]) -> str:
    """What to say of a zip without an Excel workbook of today in it, by the names of its parts."""
    for pattern, said in _PARTS:
        if any(map(pattern.match, parts)):
            return said
    inside = sorted(name for name in parts if not name.endswith("/"))
    named = "".join(filter(str.isprintable, ", ".join(inside[:3]))) + (" …" if len(inside) > 3 else "")
    return f"It is a packed archive: {_UNPACK} ({named})." if inside else "It is a packed archive with nothing in it."
