"""The digest mailer: from a newsroom's articles to a summarised email with an appeal for support."""

__version__ = "0.1.0"
