"""Which theme a topic is about: the features of its text, the model that tells, its training.

suggesting.py serves the model of this site; predicting.py reads one without scikit-learn; training.py makes one and
measures it, by command only.
"""
