"""Summaries by a language model: asked, checked against the article, asked once more, else declined."""
