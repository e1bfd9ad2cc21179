pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A button of one line or two. `primary` is the one accent of a screen; `quiet` has no box of its own.
Touchable {
    id: button

    property bool primary: false
    property bool quiet: false
    property real capMm: 6
    property bool arrow: false

    implicitHeight: Math.max(Theme.mm(primary ? 22 : 18), label.implicitHeight + Theme.mm(6))
    implicitWidth: label.implicitWidth + Theme.mm(18)

    Rectangle {
        anchors.fill: parent
        z: -1
        radius: Theme.mm(3)
        color: button.primary ? (button.pressed ? Theme.ink : Theme.accent)
                              : button.pressed ? Theme.accentSoft : button.quiet ? "transparent" : Theme.raised
        border.width: button.primary || button.quiet ? 0 : Math.max(1, Theme.mm(0.4))
        border.color: Theme.control
    }
    Label {
        id: label
        anchors.centerIn: parent
        width: Math.min(implicitWidth, button.width - Theme.mm(8))
        horizontalAlignment: Text.AlignHCenter
        text: button.text
        capMm: button.capMm
        font.weight: button.primary ? Font.Bold : Font.DemiBold
        color: button.primary ? (button.pressed ? Theme.surface : Theme.accentInk) : button.quiet ? Theme.accent : Theme.ink
        Accessible.ignored: true
    }
}
