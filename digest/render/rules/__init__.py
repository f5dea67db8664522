"""The rules of the check, by what they look at."""
