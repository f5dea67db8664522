"""Selection: which articles an issue carries, and why."""
