"""Summaries: from an article to the few words of it that an issue carries, each sentence with its receipt."""
