"""`manage.py startdomain`: a further domain in the shape of its siblings, with its tests and its lines elsewhere.

``words`` are what it is called, ``registration`` are the lines that other files need, ``tree`` makes all of it in a copy
of the checkout and brings over what has changed. ``templates/`` is what is written.
"""
