"""What QML sees: one view model a screen. Each forwards a frozen face and passes touches on; none does anything else.

Properties carry the face's names; a screen's model tells `changed` once for all of them. The module `faces` beside this
package makes the faces.
"""
