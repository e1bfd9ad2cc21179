"""What the two Qt apps, kiosk and display, share: start, typeface, words and colours for QML, the screen map.

It knows no ticket and no network. QML takes `import Dawr` (the components in `qml/Dawr`), which in turn takes
`Dawr.Core` (the Python types in `texts` and `look`).
"""
