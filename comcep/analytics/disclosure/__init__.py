"""Disclosure control: from raw counts to what may be published, and the proof that nothing withheld follows from it.

A library of its own: pure functions over numbers; no database, no Flask, and no type that could hold a name. The
contract is docs/anonymity.md. cells.py has the types, rounding.py figures, primary.py single cells, merging.py small
groups, linked.py what tables and earlier releases tell together, private.py the mode with a formal guarantee.
"""
