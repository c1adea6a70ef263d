"""Handing staff over: signed in at the platform's process, they work in the others'.

``sending`` is the platform's side, ``receiving`` that of a process which does not serve the platform.
"""
