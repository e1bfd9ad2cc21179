pragma ComponentBehavior: Bound

import QtQuick

// Running text: the typeface, a height of capitals in millimetres, and the reading side of its own words.
Text {
    id: label

    property real capMm: 6

    color: Theme.ink
    font.family: Theme.family
    font.pixelSize: Theme.cap(capMm)
    textFormat: Text.PlainText
    wrapMode: Text.WordWrap
    // Plex Sans Arabic asks for tall lines; shared boxes of Latin and Arabic need them alike.
    lineHeightMode: Text.ProportionalHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
