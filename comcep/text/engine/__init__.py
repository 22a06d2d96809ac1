"""The engine of sentence embeddings and the process it runs in: the only place where C reads what somebody wrote.

gate.py says what may reach it, library.py loads it, serving.py is its process, asking.py asks that process. What an
embedding is worth and what is done with it: text/embedding.py and above. Nothing here needs more than Python itself.
"""
