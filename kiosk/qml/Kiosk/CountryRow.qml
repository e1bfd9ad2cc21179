pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// The countries that a message may go to, where the centre has more than one.
Row {
    id: row

    required property list<var> model

    signal dialled(place: int)

    visible: model.length > 0
    spacing: Theme.mm(3)
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    Accessible.name: Texts.t("kiosk.phone.country")

    Repeater {
        model: row.model
        Touchable {
            id: chip
            required property var modelData
            objectName: "country-" + modelData.place
            width: (row.width - (row.model.length - 1) * row.spacing) / row.model.length
            height: Theme.mm(18)
            text: modelData.name
            checkable: true
            checked: modelData.chosen
            onClicked: row.dialled(modelData.place)
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
                text: "\u2066" + chip.text + "\u2069"
                capMm: 5
                font.weight: Font.DemiBold
                color: chip.checked ? Theme.accentInk : Theme.ink
                Accessible.ignored: true
            }
        }
    }
}
