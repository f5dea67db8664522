"""What MJML allows, written down because the compiler does not tell.

mjml-python lets an unknown component through into the mail, ignores unknown attributes, and says of a tag that was
never closed only "unexpected end of stream in root template". This is the part of MJML 4 that a mail of ours may use;
`BARRED` says why the rest is left out.
"""

from __future__ import annotations

#: Components whose content is HTML, not more components.
ENDING = frozenset(
    ("mj-text", "mj-button", "mj-raw", "mj-table", "mj-style", "mj-title", "mj-preview", "mj-navbar-link")
)

_CONTENT = frozenset(("mj-text", "mj-button", "mj-divider", "mj-image", "mj-spacer", "mj-table", "mj-raw", "mj-navbar"))

#: What may stand directly in each component. `mj-attributes` takes every component, to set its defaults.
CHILDREN: dict[str, frozenset[str]] = {
    "": frozenset(("mjml",)),
    "mjml": frozenset(("mj-head", "mj-body")),
    "mj-head": frozenset(
        (
            "mj-attributes",
            "mj-breakpoint",
            "mj-preview",
            "mj-raw",
            "mj-style",
            "mj-title",
        )
    ),
    "mj-body": frozenset(("mj-section", "mj-wrapper", "mj-hero", "mj-raw")),
    "mj-wrapper": frozenset(("mj-section", "mj-hero", "mj-raw")),
    "mj-section": frozenset(("mj-column", "mj-group", "mj-raw")),
    "mj-group": frozenset(("mj-column", "mj-raw")),
    "mj-column": _CONTENT,
    "mj-hero": _CONTENT,
    "mj-navbar": frozenset(("mj-navbar-link",)),
}

#: Components that MJML has and a mail of ours may not use, with the reason.
BARRED: dict[str, str] = {
    "mj-font": "it loads a font from another host, which learns who reads; name fonts of the reader's device",
    "mj-include": "Jinja's include is the one way to include a file, so that escaping holds",
    "mj-social": "its icons come from another host, which learns who reads; write the links as text",
    "mj-social-element": "its icons come from another host, which learns who reads; write the links as text",
    "mj-accordion": "its icons come from another host, and few mail programs can open it",
    "mj-carousel": "its arrows come from another host, and few mail programs can turn it",
    "mj-html-attributes": "the compiler ignores it; write the attribute where it belongs",
}

_PADDING = "padding padding-top padding-right padding-bottom padding-left"
_FONT = "font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"
_GROUND = "background-color background-url background-repeat background-size background-position"
_BORDER = "border border-top border-right border-bottom border-left border-radius"


def _names(*lists: str) -> frozenset[str]:
    return frozenset(" ".join(lists).split()) | {"css-class", "mj-class"}


#: The attributes of each component.
ATTRIBUTES: dict[str, frozenset[str]] = {
    "mjml": _names("lang dir owa"),
    "mj-head": _names(),
    "mj-attributes": _names(),
    "mj-all": _names(),  # takes any attribute, see `attributes_of`
    "mj-class": _names("name"),
    "mj-breakpoint": _names("width"),
    "mj-preview": _names(),
    "mj-title": _names(),
    "mj-style": _names("inline"),
    "mj-raw": _names("position"),
    "mj-body": _names("background-color width"),
    "mj-wrapper": _names(_PADDING, _GROUND, _BORDER, "full-width text-align direction gap"),
    "mj-section": _names(_PADDING, _GROUND, _BORDER, "full-width text-align direction"),
    "mj-group": _names("width vertical-align background-color direction"),
    "mj-column": _names(
        _PADDING,
        _BORDER,
        "width vertical-align background-color direction",
        "inner-background-color inner-border",
        "inner-border-top inner-border-right inner-border-bottom inner-border-left inner-border-radius",
    ),
    "mj-hero": _names(
        _PADDING,
        _GROUND,
        "background-height background-width height mode width vertical-align border-radius",
        "inner-background-color inner-padding",
    ),
    "mj-text": _names(_PADDING, _FONT, "align color height container-background-color"),
    "mj-button": _names(
        _PADDING,
        _FONT,
        _BORDER,
        "align background-color color container-background-color height href inner-padding",
        "name rel target text-align title vertical-align width",
    ),
    "mj-divider": _names(_PADDING, "align border-color border-style border-width container-background-color width"),
    "mj-image": _names(
        _PADDING,
        _BORDER,
        "align alt container-background-color fluid-on-mobile font-size height href max-height",
        "name rel sizes src srcset target title usemap width",
    ),
    "mj-spacer": _names(_PADDING, "container-background-color height width vertical-align"),
    "mj-table": _names(
        _PADDING,
        _FONT,
        _BORDER,
        "align cellpadding cellspacing color container-background-color role",
        "table-layout vertical-align width",
    ),
    "mj-navbar": _names("align base-url hamburger"),
    "mj-navbar-link": _names(_PADDING, _FONT, "color href name rel target"),
}

#: Every component that may be used.
COMPONENTS = frozenset(ATTRIBUTES)
_EVERY_ATTRIBUTE = frozenset().union(*ATTRIBUTES.values())

#: HTML elements that have no end.
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


def attributes_of(component: str) -> frozenset[str]:
    """The attributes that `component` may have; `mj-all` and `mj-class` set any of them."""
    return _EVERY_ATTRIBUTE if component in {"mj-all", "mj-class"} else ATTRIBUTES[component]


def may_stand_in(component: str, parent: str) -> bool:
    if parent == "mj-attributes":
        return component in COMPONENTS
    return component in CHILDREN.get(parent, frozenset())
