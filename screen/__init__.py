"""What the two Qt apps, kiosk and display, share: start, typeface, words and colours, the screen map, enrolment.

It knows no ticket, and no network but for a machine that is no device yet (`enrolling`). QML takes `import Dawr` (the
components in `qml/Dawr`), which in turn takes `Dawr.Core` (the Python types in `texts`, `look` and `installer`).
"""
