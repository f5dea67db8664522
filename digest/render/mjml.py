"""MJML to HTML: proofread first, because the compiler finds little and names no line.

The composed text carries the template's file and line in every tag (`digest.render.environment`). Proofreading walks
the tags once with a stack. What stands inside `mj-text` and its like is HTML that is not looked into beyond its
balance, which the compiler needs. Article text has been escaped long before and is no tag to anyone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from digest.errors import RenderError
from digest.render import grammar
from digest.render.environment import PLACE

_HINT = "Correct the template; nothing was rendered."
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Possessive, so that a quote that never closes costs one pass and not an exponential search.
_TAG = re.compile(r"""<(?P<end>/?)(?P<name>[a-zA-Z][\w:-]*+)(?P<rest>(?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>|<""")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_PLACE = re.compile(rf'\s{PLACE}="([^"]*):(\d+)"')
_UNFINISHED = re.compile(rf'<(/?[\w:-]+)\s{PLACE}="([^"]*):(\d+)"')
#: Opens a stylesheet that `digest.render.inline` is to write into the elements.
INLINE_MARK = "/*inline*/"
# MJML's own word for such a stylesheet; mjml-python drops the word and keeps the sheet.
_INLINE = re.compile(r'<mj-style inline="inline">')


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closing: bool
    #: Closed in itself (`<mj-spacer />`), or an HTML element that has no end.
    whole: bool
    attributes: str
    template: str
    line: int

    @property
    def is_component(self) -> bool:
        return self.name == "mjml" or self.name.startswith("mj-")

    def mistake(self, message: str) -> RenderError:
        return RenderError(message, template=self.template, line=self.line, hint=_HINT)


def compile_mjml(source: str, *, template: str) -> str:
    """HTML of composed MJML. `template` is named when the compiler finds what proofreading did not."""
    import mjml

    proofread(source, template=template)
    plain = _INLINE.sub(f"<mj-style>{INLINE_MARK}", _PLACE.sub("", source))
    try:
        # No fonts: MJML would link Google's for its default families, and tell Google who reads.
        html = str(mjml.mjml2html(plain, fonts={}))
    except ValueError as error:
        raise RenderError(f"MJML says: {error}.", template=template, hint=_HINT) from error
    # Here, and not in the finished mail, where an article about MJML may show its tags.
    if "<mj-" in html or not html.strip():
        raise RenderError("The compiler left MJML in the mail, or made none.", template=template, hint=_HINT)
    return html


def proofread(source: str, *, template: str) -> None:
    """Raise a RenderError for the first mistake in composed MJML."""
    source = _COMMENT.sub("", source)
    root = _Tag("", False, False, "", template, 1)
    stack = [root]
    last = 0
    for match in _TAG.finditer(source):
        _check_text(stack[-1], source[last : match.start()])
        last = match.end()
        _step(stack, _tag(match, stack[-1]))
    _check_text(stack[-1], source[last:])
    if stack[-1] is not root:
        raise stack[-1].mistake(f"<{stack[-1].name}> is never closed.")
    if not source.strip():
        raise root.mistake("This mail is empty.")


def _step(stack: list[_Tag], tag: _Tag) -> None:
    if tag.closing:
        _close(stack, tag)
        return
    if tag.is_component:
        _check_component(tag, stack[-1])
    elif not _in_html(stack):
        raise tag.mistake(f"<{tag.name}> is HTML and cannot stand {_inside(stack[-1])}; put it in an <mj-text>.")
    if not tag.whole:
        stack.append(tag)


def _tag(match: re.Match[str], parent: _Tag) -> _Tag:
    name = match["name"]
    if name is None:
        raise _unfinished(match, parent)
    place = _PLACE.search(match["rest"])
    template, line = (place[1], int(place[2])) if place else (parent.template, parent.line)
    attributes = _PLACE.sub("", match["rest"]).rstrip()
    whole = attributes.endswith("/") or name.lower() in grammar.VOID
    tag = _Tag(name, bool(match["end"]), whole, attributes.removesuffix("/"), template, line)
    left = _ATTRIBUTE.sub("", tag.attributes).split()
    if left:
        raise tag.mistake(f'In <{name}> an attribute is not written as name="value": {left[0]}')
    return tag


def _unfinished(match: re.Match[str], parent: _Tag) -> RenderError:
    begun = _UNFINISHED.match(match.string, match.start())
    if begun:
        return RenderError(
            f"The tag <{begun[1]} is not finished: a > or a closing quote is missing.",
            template=begun[2], line=int(begun[3]), hint=_HINT,
        )  # fmt: skip
    return parent.mistake(f"There is a bare < inside <{parent.name}>; write it as &lt;.")


def _close(stack: list[_Tag], tag: _Tag) -> None:
    if stack[-1].name != tag.name:
        still = f"; <{stack[-1].name}>, opened in line {stack[-1].line}, is still open" if stack[-1].name else ""
        raise tag.mistake(f"</{tag.name}> closes nothing{still}.")
    stack.pop()


def _check_text(parent: _Tag, text: str) -> None:
    in_html = parent.name and (parent.name in grammar.ENDING or not parent.is_component)
    if text.strip() and not in_html:
        said = " ".join(text.split())[:40]
        raise parent.mistake(f"Text cannot stand {_inside(parent)}; put it in an <mj-text>: {said}")


def _check_component(tag: _Tag, parent: _Tag) -> None:
    if tag.name in grammar.BARRED:
        raise tag.mistake(f"<{tag.name}> may not be used: {grammar.BARRED[tag.name]}.")
    if tag.name not in grammar.COMPONENTS:
        raise tag.mistake(f"MJML has no component <{tag.name}>.{_meant(tag.name, grammar.COMPONENTS)}")
    if not grammar.may_stand_in(tag.name, parent.name):
        raise tag.mistake(f"<{tag.name}> cannot stand {_inside(parent)}.{_belongs(tag.name)}")
    _check_attributes(tag)


def _check_attributes(tag: _Tag) -> None:
    known = grammar.attributes_of(tag.name)
    for name in _ATTRIBUTE.findall(tag.attributes):
        if name not in known:
            raise tag.mistake(f"<{tag.name}> has no attribute {name}.{_meant(name, known)}")


def _inside(parent: _Tag) -> str:
    return f"in <{parent.name}>" if parent.name else "outside <mjml>"


def _in_html(stack: list[_Tag]) -> bool:
    return any(tag.name in grammar.ENDING for tag in stack)


def _meant(name: str, known: frozenset[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _belongs(component: str) -> str:
    parents = [parent for parent, children in grammar.CHILDREN.items() if parent and component in children]
    return f" It belongs in {' or '.join(f'<{parent}>' for parent in parents)}." if parents else ""
