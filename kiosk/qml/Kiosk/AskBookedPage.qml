pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// Cut off from the register: the customer is asked instead.
Item {
    id: page

    required property AskBookedModel viewModel
    readonly property bool wide: width > height

    Question {
        id: question
        anchors.left: parent.left
        width: page.wide ? page.width * 0.42 : page.width
        text: Texts.t("kiosk.ask_booked.title")
        help: Texts.t("kiosk.ask_booked.advice")
    }
    Column {
        anchors.right: parent.right
        y: page.wide ? (page.height - height) / 2 : Math.max(question.height + Theme.mm(14), page.height * 0.42)
        width: page.wide ? page.width * 0.5 : page.width
        spacing: Theme.mm(8)
        ActionButton {
            objectName: "booked-yes"
            width: parent.width
            implicitHeight: Theme.mm(54)
            capMm: 8.5
            text: Texts.t("kiosk.ask_booked.yes")
            onClicked: page.viewModel.say(true)
        }
        ActionButton {
            objectName: "booked-no"
            width: parent.width
            implicitHeight: Theme.mm(54)
            capMm: 8.5
            text: Texts.t("kiosk.ask_booked.no")
            onClicked: page.viewModel.say(false)
        }
    }
}
