pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk
import KioskStaff.Models

// The staff's screens, over whatever the customers see: a head with the way out, and one page.
Rectangle {
    id: layer

    required property StaffModel viewModel
    readonly property bool atTheDoor: viewModel.page === "id" || viewModel.page === "pin"

    color: Theme.surface
    LayoutMirroring.enabled: Texts.rightToLeft
    LayoutMirroring.childrenInherit: true

    // What lies beneath is not to be touched.
    MouseArea {
        anchors.fill: parent
    }
    Item {
        id: head
        anchors.top: parent.top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: Theme.mm(14)
        anchors.rightMargin: Theme.mm(14)
        height: Theme.mm(27)

        Label {
            anchors.verticalCenter: parent.verticalCenter
            anchors.left: parent.left
            anchors.right: ways.left
            anchors.rightMargin: Theme.mm(6)
            text: layer.viewModel.who
            capMm: 4.8
            color: Theme.muted
            font.weight: Font.Medium
            horizontalAlignment: Text.AlignLeft
            maximumLineCount: 1
            elide: Text.ElideRight
        }
        Row {
            id: ways
            anchors.verticalCenter: parent.verticalCenter
            anchors.right: parent.right
            spacing: Theme.mm(3)
            Repeater {
                model: layer.viewModel.otherLanguages
                ActionButton {
                    required property var modelData
                    objectName: "staff-language-" + modelData.code
                    implicitHeight: Theme.mm(17)
                    capMm: 5
                    quiet: true
                    text: modelData.name
                    onClicked: layer.viewModel.speak(modelData.code)
                }
            }
            ActionButton {
                objectName: "staff-back"
                visible: !layer.atTheDoor && layer.viewModel.page !== "menu"
                implicitHeight: Theme.mm(17)
                capMm: 5
                text: Texts.t("staff.back")
                onClicked: layer.viewModel.back()
            }
            ActionButton {
                objectName: "staff-leave"
                implicitHeight: Theme.mm(17)
                capMm: 5
                text: Texts.t("staff.leave")
                onClicked: layer.viewModel.leave()
            }
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: Math.max(1, Theme.mm(0.3))
            color: Theme.line
        }
    }
    Loader {
        anchors.top: head.bottom
        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.margins: Theme.mm(14)
        active: layer.viewModel.page !== "screen"
        sourceComponent: layer.atTheDoor ? door : sheet
    }
    Loader {
        anchors.fill: parent
        active: layer.viewModel.page === "screen"
        sourceComponent: ScreenTest {
            viewModel: layer.viewModel
        }
    }
    Component {
        id: door
        SignInPage {
            viewModel: layer.viewModel
        }
    }
    Component {
        id: sheet
        SheetPage {
            viewModel: layer.viewModel
        }
    }
}
