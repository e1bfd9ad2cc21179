pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk
import KioskStaff.Models

// How something stands, line by line, and what can be done about it.
Item {
    id: page

    required property StaffModel viewModel
    readonly property bool wide: width > height
    readonly property int columns: wide && viewModel.columns > 1 ? viewModel.columns + 1 : viewModel.columns

    Column {
        id: top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        spacing: Theme.mm(7)

        Question {
            width: parent.width
            text: page.viewModel.title
            help: page.viewModel.help
            capMm: page.wide ? 8 : 9
        }
        Repeater {
            model: page.viewModel.lines
            Item {
                id: line
                required property var modelData
                required property int index
                width: top.width
                implicitHeight: said.implicitHeight
                Rectangle {
                    anchors.left: parent.left
                    width: Theme.mm(1.6)
                    height: parent.height
                    radius: width / 2
                    visible: line.modelData.tone !== "plain"
                    color: line.modelData.tone === "ok" ? Theme.ok : line.modelData.tone === "wait" ? Theme.wait : Theme.alert
                }
                Label {
                    id: said
                    objectName: "staff-line-" + line.index
                    anchors.left: parent.left
                    anchors.leftMargin: line.modelData.tone === "plain" ? 0 : Theme.mm(5)
                    anchors.right: parent.right
                    text: line.modelData.text
                    capMm: 5.6
                    font.weight: line.modelData.tone === "plain" ? Font.Normal : Font.DemiBold
                    horizontalAlignment: Text.AlignLeft
                }
            }
        }
        Rectangle {
            width: parent.width
            height: Theme.mm(10)
            visible: page.viewModel.level >= 0
            radius: height / 2
            color: Theme.line
            Rectangle {
                anchors.left: parent.left
                width: Math.max(height, parent.width * page.viewModel.level / 100)
                height: parent.height
                radius: height / 2
                visible: page.viewModel.level > 0
                color: Theme.accent
            }
        }
        Item {
            width: 1
            height: Theme.mm(page.wide ? 0 : 4)
        }
        Grid {
            id: grid
            width: parent.width
            columns: page.columns
            spacing: Theme.mm(5)
            Repeater {
                model: page.viewModel.actions
                ActionTile {
                    required property var modelData
                    objectName: "staff-" + modelData.id + (modelData.what !== "" ? "-" + modelData.what : "")
                    width: (grid.width - (grid.columns - 1) * grid.spacing) / grid.columns
                    height: Theme.mm(page.wide ? 28 : 34)
                    capMm: modelData.what !== "" ? 8 : 6
                    text: modelData.text
                    note: modelData.note
                    tone: modelData.tone
                    primary: modelData.primary
                    enabled: modelData.usable
                    onClicked: page.viewModel.act(modelData.id, modelData.what)
                }
            }
        }
    }
}
