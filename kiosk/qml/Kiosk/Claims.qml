pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// Reasons to be served first: three switches, none set, at most one.
Column {
    id: claims

    required property list<var> model

    signal claimed(priority: string)

    spacing: Theme.mm(3)

    Label {
        width: parent.width
        text: Texts.t("kiosk.claim.title")
        capMm: 4.8
        color: Theme.muted
        horizontalAlignment: Text.AlignLeft
    }
    Row {
        id: row
        width: parent.width
        spacing: Theme.mm(3)
        Repeater {
            model: claims.model
            Touchable {
                id: chip
                required property var modelData
                objectName: "claim-" + modelData.id
                width: (row.width - 2 * row.spacing) / 3
                height: Theme.mm(Theme.large ? 26 : 22)
                text: modelData.name
                checkable: true
                checked: modelData.chosen
                onClicked: claims.claimed(modelData.id)
                Rectangle {
                    anchors.fill: parent
                    z: -1
                    radius: Theme.mm(3)
                    color: chip.checked ? Theme.accent : chip.pressed ? Theme.accentSoft : Theme.raised
                    border.width: Math.max(1, Theme.mm(0.35))
                    border.color: chip.checked ? Theme.accent : Theme.control
                }
                Label {
                    anchors.centerIn: parent
                    width: parent.width - Theme.mm(4)
                    text: (chip.checked ? "\u2713 " : "") + chip.text
                    capMm: 4.8
                    font.weight: chip.checked ? Font.Bold : Font.Medium
                    color: chip.checked ? Theme.accentInk : Theme.ink
                    horizontalAlignment: Text.AlignHCenter
                    Accessible.ignored: true
                }
            }
        }
    }
}
