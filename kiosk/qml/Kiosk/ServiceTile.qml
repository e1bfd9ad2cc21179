pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A service, or a group of services, to be touched.
Touchable {
    id: tile

    required property var entry
    property bool group: false

    text: entry.name
    Accessible.description: entry.note
    objectName: "service-" + entry.id

    Rectangle {
        anchors.fill: parent
        z: -1
        radius: Theme.mm(4)
        color: tile.pressed ? Theme.accentSoft : tile.entry.usable ? Theme.raised : Theme.surface
        border.width: Math.max(1, Theme.mm(tile.pressed ? 0.8 : 0.35))
        border.color: tile.pressed ? Theme.accent : tile.entry.usable ? Theme.control : Theme.line
    }
    LetterBlock {
        id: block
        anchors.left: parent.left
        anchors.leftMargin: Theme.mm(7)
        anchors.verticalCenter: parent.verticalCenter
        visible: !tile.group
        width: visible ? implicitWidth : 0
        letter: tile.entry.letter
        capMm: 9
        opacity: tile.entry.usable ? 1 : 0.4
    }
    Column {
        anchors.left: block.right
        anchors.leftMargin: Theme.mm(6)
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(5)
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(2.5)
        Label {
            width: parent.width
            text: tile.entry.name
            capMm: 6.4
            font.weight: Font.DemiBold
            lineHeight: 0.88
            maximumLineCount: 3
            elide: Text.ElideRight
            color: tile.entry.usable ? Theme.ink : Theme.muted
            horizontalAlignment: Text.AlignLeft
            Accessible.ignored: true
        }
        Label {
            width: parent.width
            visible: text !== ""
            text: tile.entry.note
            capMm: 4.8
            maximumLineCount: 2
            elide: Text.ElideRight
            color: tile.entry.usable ? Theme.muted : Theme.wait
            horizontalAlignment: Text.AlignLeft
            Accessible.ignored: true
        }
    }
}
