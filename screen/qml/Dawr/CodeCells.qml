pragma ComponentBehavior: Bound

import QtQuick

// A one-time code's digits in the groups in which it is written and read out, left to right in every language. Lengths
// are in units of `unit` pixels: a millimetre of the glass, or the board's own part of it.
Row {
    id: row

    // A list of digits for each group; an empty text for a digit that is to come.
    required property list<var> groups
    property bool troubled: false
    property real unit: Theme.pxPerMm
    property real cap: 9
    readonly property real gap: 0.78 * cap * unit
    readonly property real tight: 0.18 * cap * unit
    readonly property int count: groups.reduce((sum, group) => sum + group.length, 0)
    readonly property real cellWidth: (width - (groups.length - 1) * gap - (count - groups.length) * tight) / Math.max(1, count)

    objectName: "code-cells"
    readonly property string text: groups.map(group => group.join("")).join("-")
    spacing: gap
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    Accessible.role: Accessible.EditableText
    Accessible.name: Texts.t("enrol.title")

    Repeater {
        model: row.groups
        Row {
            id: group
            required property var modelData
            spacing: row.tight
            Repeater {
                model: group.modelData
                Rectangle {
                    id: cell
                    required property string modelData
                    readonly property bool filled: modelData !== ""
                    width: row.cellWidth
                    height: Math.min(row.cellWidth * 1.5, 4 * row.cap * row.unit)
                    radius: 2 * row.unit
                    color: filled ? Theme.accentSoft : Theme.raised
                    border.width: (filled ? 0.6 : 0.35) * row.unit
                    border.color: row.troubled ? Theme.alert : filled ? Theme.accent : Theme.control
                    Text {
                        anchors.centerIn: parent
                        visible: cell.filled
                        text: cell.modelData
                        color: Theme.ink
                        font.family: Theme.family
                        font.pixelSize: row.cap * row.unit / Theme.capOfSize
                        font.weight: Font.DemiBold
                        Accessible.ignored: true
                    }
                }
            }
        }
    }
}
