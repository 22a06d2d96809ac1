"""How the sentence model of seed/ was taught the trade's French: by hand, on a machine with PyTorch, never by the tests.

lessons.py holds the pairs of texts it learns from; network.py the model itself; teaching.py the loop and the file.
docs/sentences.md tells what was tried and what it brought.
"""
