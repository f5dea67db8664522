"""Captions, picture credits and what else belongs to an image."""

from __future__ import annotations

from digest.articles.extraction.phrases.wording import compiled

CAPTION = compiled(
    {
        "all": (
            (
                r"^\W*(?:photos?|photograph|pictured?|image|illustration|credit|image credit|photo credit"
                r"|video|graphic|gallery|screenshot|foto|fotos|bild|bildnachweis|crédit|crédits"
                r"|crédit photo|photo d[’']illustration|imagen|imágenes|צילום|תמונה|איור|الصورة"
                r"|تصوير)(?: (?:by|de|von|credits?|courtesy(?: of)?|d[’']archives?))?\s*[:©|/]"
            ),
            (
                r"^\W*(?:photo(?:graph)?s?|image|illustration|picture|video|graphic)s? (?:by|courtesy"
                r"|credit|via|from)\b.{0,80}$"
            ),
            r"^\W*image \d+ of \d+\W*$",
            r"^\W*\d+ ?/ ?\d+\W*$",
            (
                r"[(\[](?:[^()\[\]]{0,40}\b)?(?:photos?|image|images|picture|credit|illustration"
                r"|screenshot|foto|crédit|צילום|קרדיט)s?(?: credit| courtesy| by)?\s*(?::|by|courtesy|via"
                r"|/|d[’'])[^()\[\]]{0,80}[)\]]\W*$"
            ),
            (
                r"[(\[][^()\[\]]{0,50}\b(?:Getty|AFP|Shutterstock|Reuters|Flash ?90|iStock|Unsplash"
                r"|AP Photo|EPA|Alamy|Wikimedia|Handout|File photo)\b[^()\[\]]{0,50}[)\]]\W*$"
            ),
            (
                r"\b(?:Getty Images|Shutterstock|Flash ?90|iStock(?:photo)?|Unsplash|Wikimedia Commons"
                r"|AP Photo/[\w. ]+|/(?:AFP|Reuters|Getty Images|EPA))\W*$"
            ),
            r"^\W*(?:AP|AFP|Reuters|EPA) Photo\b.{0,60}$",
            r"^\W*REUTERS/[\w. ]+$",
            r"^\W*file (?:photo|picture|image)\b",
            r"\b(?:archivfoto|symbolbild|symbolfoto)\W*$",
        ),
    }
)
