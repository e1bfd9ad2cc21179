pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// Goodbye, and where to look.
Touchable {
    id: page

    required property ThanksModel viewModel

    objectName: "thanks"
    text: Texts.t("kiosk.thanks.title")
    onClicked: viewModel.done()

    Column {
        anchors.centerIn: parent
        width: parent.width
        spacing: Theme.mm(12)
        NumberPlate {
            anchors.horizontalCenter: parent.horizontalCenter
            number: page.viewModel.number
            capMm: 16
            visible: number !== ""
        }
        Label {
            width: parent.width
            text: Texts.t("kiosk.thanks.title")
            capMm: 14
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            width: parent.width
            text: Texts.t("kiosk.thanks.advice")
            capMm: 7
            color: Theme.muted
            horizontalAlignment: Text.AlignHCenter
        }
    }
}
