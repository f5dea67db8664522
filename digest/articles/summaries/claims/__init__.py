"""Claims: what a text says that can be looked up in another one — numbers, dates, names, quotations, negations.

All of it is spelling and lists, in the languages that the house reads. It knows nothing of meaning: who did what to
whom is not looked up by anything here.
"""
