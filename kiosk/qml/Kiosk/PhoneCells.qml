pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A phone's digits in groups of four after the country's code, left to right in both languages.
Row {
    id: row

    required property string country
    required property list<var> cells
    property bool troubled: false
    readonly property real gap: Theme.mm(6)
    readonly property real cellWidth: (width - code.width - cells.length * spacing - Math.floor((cells.length - 1) / 4) * gap) / Math.max(1, cells.length)

    objectName: "phone-cells"
    spacing: Theme.mm(2)
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    Accessible.role: Accessible.EditableText
    Accessible.name: Texts.t("kiosk.phone.title")

    Label {
        id: code
        anchors.verticalCenter: parent.verticalCenter
        rightPadding: Theme.mm(4)
        text: "\u2066" + row.country + "\u2069"
        capMm: 7
        font.weight: Font.DemiBold
        color: Theme.muted
    }
    Repeater {
        model: row.cells
        Item {
            id: cell
            required property int index
            required property string modelData
            readonly property bool filled: modelData !== ""
            readonly property bool ends: index % 4 === 3 && index < row.cells.length - 1
            width: row.cellWidth + (ends ? row.gap : 0)
            height: Math.min(row.cellWidth * 1.5, Theme.mm(36))
            Rectangle {
                width: row.cellWidth
                height: parent.height
                radius: Theme.mm(2)
                color: cell.filled ? Theme.accentSoft : Theme.raised
                border.width: Theme.mm(cell.filled ? 0.6 : 0.35)
                border.color: row.troubled ? Theme.alert : cell.filled ? Theme.accent : Theme.control
                Label {
                    anchors.centerIn: parent
                    visible: cell.filled
                    text: cell.modelData
                    capMm: 10
                    font.weight: Font.DemiBold
                    Accessible.ignored: true
                }
            }
        }
    }
}
