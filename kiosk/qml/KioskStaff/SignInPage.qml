pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk
import KioskStaff.Models

// Who is there: the staff number in letters and digits, then the PIN, which stays covered.
Item {
    id: page

    required property StaffModel viewModel
    readonly property bool ofId: viewModel.page === "id"
    readonly property bool wide: width > height
    readonly property real leading: wide ? width * 0.4 : width

    Column {
        id: top
        anchors.left: parent.left
        anchors.top: parent.top
        width: page.leading
        spacing: Theme.mm(8)

        Question {
            width: parent.width
            text: page.viewModel.title
            help: page.viewModel.help
        }
        Rectangle {
            width: parent.width
            height: Theme.mm(30)
            radius: Theme.mm(3)
            color: Theme.raised
            border.width: Theme.mm(0.5)
            border.color: page.viewModel.trouble !== "" ? Theme.alert : Theme.control
            Label {
                objectName: "staff-typed"
                anchors.centerIn: parent
                text: page.viewModel.typed
                capMm: 10
                font.weight: Font.DemiBold
                Accessible.ignored: !page.ofId
            }
        }
        Label {
            objectName: "staff-trouble"
            width: parent.width
            text: page.viewModel.busy ? Texts.t("staff.door.checking") : page.viewModel.trouble
            color: page.viewModel.busy ? Theme.muted : Theme.alert
            capMm: 6
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignLeft
        }
    }
    Column {
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        width: page.wide ? page.width - page.leading - Theme.mm(16) : page.width
        spacing: Theme.mm(6)

        Letters {
            width: parent.width
            visible: page.ofId
            onTyped: sign => page.viewModel.type(sign)
        }
        Grid {
            id: pad
            visible: !page.ofId
            anchors.horizontalCenter: parent.horizontalCenter
            columns: 3
            spacing: Theme.mm(3.5)
            LayoutMirroring.enabled: false
            Repeater {
                model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0"]
                ActionTile {
                    required property string modelData
                    objectName: "staff-key-" + modelData
                    visible: page.viewModel.page === "pin"
                    opacity: modelData === "" ? 0 : 1
                    enabled: modelData !== ""
                    width: Math.min(Theme.mm(56), (page.width - 2 * pad.spacing) / 3)
                    height: Theme.mm(page.wide ? 28 : 34)
                    text: modelData
                    capMm: 11
                    onClicked: page.viewModel.type(modelData)
                }
            }
        }
        Row {
            width: parent.width
            spacing: Theme.mm(4)
            ActionButton {
                objectName: "staff-erase"
                width: (parent.width - parent.spacing) * 0.35
                implicitHeight: Theme.mm(24)
                text: Texts.t("staff.door.erase")
                onClicked: page.viewModel.erase()
            }
            ActionButton {
                objectName: "staff-submit"
                width: (parent.width - parent.spacing) * 0.65
                implicitHeight: Theme.mm(24)
                primary: page.viewModel.typed !== ""
                text: Texts.t("staff.door.continue")
                enabled: !page.viewModel.busy
                onClicked: page.viewModel.submit()
            }
        }
    }
}
