"""A visit made by itself, from outside: one customer books on a phone and comes, another walks in, a clerk serves both.

Everything is a real process on a virtual screen; taps and keys are X events and Chromium's. Nothing of the apps is
called: what they show is read from their windows, what they print from the wire, what they keep from their logs.
"""
