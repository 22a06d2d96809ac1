"""Search: French analysis, queries, the index and its sweep, the page of results."""
