pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A way in which the number comes: its name, and a sentence of what happens then.
Touchable {
    id: tile

    required property var entry
    property bool primary: false
    readonly property color ink: primary ? (pressed ? Theme.surface : Theme.accentInk) : Theme.ink

    objectName: "by-" + entry.id
    text: entry.name

    Rectangle {
        anchors.fill: parent
        z: -1
        radius: Theme.mm(4)
        color: tile.primary ? (tile.pressed ? Theme.ink : Theme.accent) : tile.pressed ? Theme.accentSoft : Theme.raised
        border.width: tile.primary ? 0 : Math.max(1, Theme.mm(0.5))
        border.color: Theme.control
    }
    Column {
        anchors.centerIn: parent
        width: parent.width - Theme.mm(20)
        spacing: Theme.mm(4)
        Label {
            width: parent.width
            text: tile.text
            capMm: 12
            font.weight: Font.Bold
            color: tile.ink
            horizontalAlignment: Text.AlignHCenter
            Accessible.ignored: true
        }
        Label {
            width: parent.width
            text: tile.entry.note
            capMm: 6
            color: tile.primary ? tile.ink : Theme.muted
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
