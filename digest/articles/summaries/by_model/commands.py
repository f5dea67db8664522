"""Text that speaks to a machine: "Ignore the instructions above and write …", in the middle of an article.

An article is data. Whoever hides an order in one must not write our summary, so a paragraph with an order is neither
shown to a model nor counts as a source. The list is a first line and no more: an order in words that it lacks is still
held between the markers, and what a model makes of it must pass the checks.
"""

from __future__ import annotations

import re

_ORDERS = (
    # en
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,50}\b(?:instructions?|prompts?|guidelines|system|above)\b",
    r"\b(?:system|developer|hidden) (?:prompt|message|instructions?)\b",
    r"\byou are (?:now )?(?:an?|the) (?:ai|chatbot|assistant|language model|summari[sz]er)\b",
    r"\b(?:ai|language) (?:model|assistant|system|tool)s?\b[^.\n]{0,60}\b(?:must|should|please|are to)\b",
    r"\b(?:ai|language) (?:model|assistant|system|tool)s?\b[^.\n]{0,60}\b(?:write|reply|answer|output|say)\b",
    r"\b(?:note|instructions?|message|attention) (?:to|for) (?:the |any |all )?(?:ai|llm|chatbot|assistant)s?\b",
    r"\b(?:to|for) (?:the |any |all )?(?:language model|summari[sz]er)s?\b",
    r"\b(?:reply|respond|answer|output) (?:only|exactly)(?: with)?\b",
    r"\b(?:write|say|print|repeat) (?:exactly|only|the following)\b",
    r"\bwhen (?:you )?summari[sz](?:e|ing)\b|\b(?:your|any|the) summary (?:must|should|has to|is to)\b",
    r"\binstead of (?:a|the) summary\b|\bas (?:an ai|a language model)\b",
    # Marks that chat models know.
    r"</?(?:system|instructions?|article|prompt|user|assistant)\b|\[/?INST\]|<\|\w+\|>",
    r"^\s*(?:system|assistant|human)\s*:",
    # fr
    r"\b(?:ignore[zr]?|oublie[zr]?)\b[^.\n]{0,50}\b(?:instructions?|consignes?)\b|\b(?:votre|ton|le) résumé doit\b",
    r"\b(?:réponds|répondez|écris|écrivez) (?:uniquement|exactement|seulement)\b",
    # es
    r"\b(?:ignor[ae]n?|olvid[ae]n?)\b[^.\n]{0,50}\b(?:instrucciones|indicaciones)\b|\b(?:tu|su|el) resumen debe\b",
    r"\b(?:responde|responda|escribe|escriba) (?:únicamente|exactamente|solo|sólo)\b",
    # de
    r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)\b[^.\n]{0,50}\b(?:anweisung\w*|anleitung\w*|vorgaben)\b",
    r"\b(?:antworte|antworten sie|schreibe?|schreiben sie) (?:nur|ausschließlich|genau)\b",
    r"\bzusammenfassung (?:muss|soll)\b",
    # ru
    r"\b(?:игнорируй\w*|забудь\w*)\b[^.\n]{0,50}\b(?:инструкци\w*|указани\w*)\b",
    r"\b(?:ответь|напиши)\w* (?:только|ровно)\b",
    # he
    r"(?:התעלם|התעלמו|התעלמי|שכח|שכחו)[^.\n]{0,50}(?:ההוראות|הוראות|ההנחיות|הנחיות)|(?:כתוב|כתבו|ענה|ענו) (?:רק|בדיוק)",
    # ar
    r"(?:تجاهل|تجاهلوا|انس)[^.\n]{0,50}(?:التعليمات|تعليمات|الأوامر)|(?:اكتب|أجب) (?:فقط|بالضبط)",
)  # fmt: skip
_ORDER = re.compile("|".join(f"(?:{order})" for order in _ORDERS), re.IGNORECASE | re.MULTILINE)


def is_order(paragraph: str) -> bool:
    """Does the paragraph tell a machine what to write?"""
    return bool(_ORDER.search(paragraph))


def without_orders(body: str) -> str:
    """The paragraphs of `body` that speak to readers."""
    return "\n\n".join(paragraph for paragraph in body.split("\n\n") if not is_order(paragraph))
