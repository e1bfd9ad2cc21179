pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk

// A button with a word and, smaller beneath it, a note.
Touchable {
    id: tile

    property string note
    property string tone: "plain"
    property bool primary: false
    property real capMm: 6
    property color ink: primary || pressed ? Theme.accentInk : Theme.ink

    opacity: enabled ? 1 : 0.45
    implicitHeight: Math.max(Theme.mm(24), words.implicitHeight + Theme.mm(8))

    Rectangle {
        anchors.fill: parent
        z: -1
        radius: Theme.mm(3)
        color: tile.primary ? (tile.pressed ? Theme.ink : Theme.accent) : tile.pressed ? Theme.accent : Theme.raised
        border.width: Math.max(1, Theme.mm(0.35))
        border.color: tile.primary ? Theme.accent : Theme.control
    }
    Column {
        id: words
        anchors.verticalCenter: parent.verticalCenter
        x: Theme.mm(4)
        width: parent.width - Theme.mm(8)
        spacing: Theme.mm(1)
        Label {
            width: parent.width
            text: tile.text
            capMm: tile.capMm
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            color: tile.ink
            Accessible.ignored: true
        }
        Label {
            width: parent.width
            visible: text !== ""
            text: tile.note
            capMm: 4.4
            horizontalAlignment: Text.AlignHCenter
            color: tile.primary || tile.pressed ? Theme.accentInk : tile.tone === "alert" ? Theme.alert : tile.tone === "wait" ? Theme.wait : Theme.muted
            Accessible.ignored: true
        }
    }
}
