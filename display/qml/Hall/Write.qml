pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// One line of text by the height of its capitals in pixels, centred on them rather than on the font's tall lines.
Text {
    id: line

    property real capPx: 12

    color: Theme.ink
    font.family: Theme.family
    font.pixelSize: Math.max(1, Math.round(capPx / Theme.capOfSize))
    textFormat: Text.PlainText
    horizontalAlignment: Text.AlignLeft
    elide: Text.ElideRight
    maximumLineCount: 1
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
