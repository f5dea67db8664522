"""Extraction: from a raw document to an article, its text apart from all that stands around it."""
