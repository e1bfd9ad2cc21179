"""What QML sees: one view model a screen. Each forwards a frozen face and passes touches on; none does anything else.

Properties carry the face's names; a screen's model tells `changed` once for all of them. The module `faces` beside this
package makes the faces.

Every model has `changed` and `show` of its own, in the same words: a property's notifying signal must be its own
class's. PySide (6.11) takes an inherited one in silence and QML then shows the first face for ever.
"""
