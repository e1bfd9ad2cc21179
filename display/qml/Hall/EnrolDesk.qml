pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core

// For staff, at the foot of a display that is no device: what to do, the code as it is typed, and which machine it is.
Rectangle {
    id: desk

    required property Installer installer
    // What to do now, in every language.
    required property list<var> steps
    // What people tell the machine by: rows of names and a text.
    required property list<var> facts
    property real unit: 1
    property bool tall: false

    objectName: "enrol-desk"
    height: content.implicitHeight + 44 * unit
    radius: 8 * unit
    color: Theme.raised

    component Line: Text {
        property real cap: 11
        color: Theme.ink
        font.family: Theme.family
        font.pixelSize: Math.max(1, Math.round(cap * desk.unit / Theme.capOfSize))
        textFormat: Text.PlainText
        wrapMode: Text.WordWrap
        lineHeight: 0.95
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    Column {
        id: content
        anchors.centerIn: parent
        width: parent.width - 56 * desk.unit
        spacing: 18 * desk.unit

        // Left-to-right languages on the left, the others on the right, as everywhere on the board.
        Grid {
            id: grid
            width: parent.width
            columns: desk.tall ? 1 : 2
            columnSpacing: 40 * desk.unit
            rowSpacing: 12 * desk.unit
            layoutDirection: desk.tall ? Qt.LeftToRight : Qt.RightToLeft
            Repeater {
                model: desk.steps
                Line {
                    id: step
                    required property var modelData
                    required property int index
                    objectName: "enrol-step-" + index
                    width: (grid.width - (grid.columns - 1) * grid.columnSpacing) / grid.columns
                    text: modelData.text
                    color: desk.installer.trouble !== "" ? Theme.wait : Theme.ink
                    font.weight: desk.installer.trouble !== "" ? Font.DemiBold : Font.Normal
                    horizontalAlignment: modelData.rtl ? Text.AlignRight : Text.AlignLeft
                }
            }
        }
        Line {
            objectName: "made-device"
            anchors.horizontalCenter: parent.horizontalCenter
            visible: text !== ""
            text: desk.installer.device
            cap: 30
            font.weight: Font.Bold
        }
        CodeCells {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.min(parent.width, 620 * desk.unit)
            visible: desk.installer.isOpen && desk.installer.device === ""
            unit: desk.unit
            cap: 22
            groups: desk.installer.cells
            troubled: desk.installer.trouble !== "" && !desk.installer.again
        }
        Row {
            objectName: "enrol-enter"
            anchors.horizontalCenter: parent.horizontalCenter
            visible: desk.installer.isOpen && desk.installer.device === ""
            // It holds its room: nothing jumps while somebody types.
            opacity: desk.installer.complete || desk.installer.busy ? 1 : 0
            spacing: 30 * desk.unit
            layoutDirection: Qt.RightToLeft
            Repeater {
                model: desk.steps.length
                Line {
                    required property int index
                    text: Texts.of(desk.installer.languages[index].code, desk.installer.busy ? "enrol.asking" : "enrol.display.enter")
                    font.weight: Font.DemiBold
                }
            }
        }
        Rectangle {
            width: parent.width
            height: Math.max(1, 0.6 * desk.unit)
            color: Theme.line
        }
        Flow {
            width: parent.width
            spacing: 36 * desk.unit
            Repeater {
                model: desk.facts
                Row {
                    id: fact
                    required property var modelData
                    visible: modelData.text !== ""
                    spacing: 8 * desk.unit
                    // Two languages in one text would change places.
                    Repeater {
                        model: fact.modelData.names
                        Line {
                            required property var modelData
                            text: modelData.text
                            cap: 9
                            color: Theme.muted
                        }
                    }
                    Line {
                        text: fact.modelData.text
                        cap: 9
                        font.weight: Font.DemiBold
                    }
                }
            }
        }
    }
}
