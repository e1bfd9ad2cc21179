"""What QML sees: one view model a screen. Each forwards a frozen face and passes touches on; none does anything else.

Properties carry the face's names; a screen's model tells `changed` once for all of them. Faces are made by the module `faces` beside this package.
"""
